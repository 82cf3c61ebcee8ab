package org.tlsuplift.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.process.FileModes.Readers;

/** Access control lists as Windows has them, where principals have their SIDs as names. */
class AccessListTest {
  private static final String SYSTEM = "S-1-5-18";
  private static final String ADMINISTRATORS = "S-1-5-32-544";
  private static final String USERS = "S-1-5-32-545";
  private static final String EVERYONE = "S-1-1-0";
  private static final String OWNER = "S-1-5-21-1-2-3-1001";

  private final FileSystem windows =
      Jimfs.newFileSystem(
          Configuration.windows().toBuilder()
              .setAttributeViews("basic", "owner", "acl")
              .setWorkingDirectory("C:\\")
              .build());
  private final Path file = windows.getPath("C:\\ca.key");

  @BeforeEach
  void create() throws IOException {
    Files.createFile(file);
  }

  @AfterEach
  void close() throws IOException {
    windows.close();
  }

  @Test
  void findsFilesThatGroupsOfOthersCanRead() throws IOException {
    allow(SYSTEM, ADMINISTRATORS, OWNER);
    assertThat(FileModes.openToOthers(file)).as("one account is like a group").isEmpty();
    allow(SYSTEM, USERS, EVERYONE);
    assertThat(FileModes.openToOthers(file)).contains(USERS + ", " + EVERYONE);
  }

  @Test
  void ignoresRightsThatRevealNoContent() throws IOException {
    view()
        .setAcl(
            List.of(
                entry(AclEntryType.DENY, EVERYONE, EnumSet.allOf(AclEntryPermission.class)),
                entry(
                    AclEntryType.ALLOW,
                    USERS,
                    EnumSet.of(AclEntryPermission.READ_ATTRIBUTES, AclEntryPermission.READ_ACL))));
    assertThat(FileModes.openToOthers(file)).isEmpty();
  }

  @Test
  void leavesAFileToItsOwnerTheSystemAndAdministrators() throws IOException {
    allow(SYSTEM, ADMINISTRATORS, USERS, OWNER);
    assertThat(FileModes.leaveToOwner(file)).isEmpty();
    assertThat(names()).containsExactlyInAnyOrder(owner(), SYSTEM, ADMINISTRATORS);
  }

  @Test
  void makesFilesAndDirectoriesForTheirOwner() throws IOException {
    Path directory = windows.getPath("C:\\data");
    FileModes.directory(directory, Readers.OWNER);
    Path made = directory.resolve("key");
    FileModes.create(made, Readers.OWNER).close();
    for (Path each : List.of(directory, made)) {
      AclFileAttributeView view = Files.getFileAttributeView(each, AclFileAttributeView.class);
      assertThat(view.getAcl())
          .extracting(entry -> entry.principal().getName())
          .containsExactly(view.getOwner().getName());
    }
    assertThat(FileModes.leaveToOwner(made)).isEmpty();
  }

  @Test
  void givesAFileToTheOwnerOfTheDirectory() throws IOException {
    Path directory = windows.getPath("C:\\data");
    Files.createDirectory(directory);
    Files.setOwner(directory, principal(OWNER));
    Path made = directory.resolve("key");
    FileModes.create(made, Readers.OWNER).close();
    FileModes.giveTo(directory, made);
    assertThat(Files.getOwner(made).getName()).isEqualTo(OWNER);
    assertThat(Files.getFileAttributeView(made, AclFileAttributeView.class).getAcl())
        .extracting(entry -> entry.principal().getName())
        .containsExactly(OWNER);
  }

  @Test
  void namesACommandOfWindowsAsTheRemedy() throws IOException {
    assertThat(FileModes.remedy(file, "600"))
        .startsWith("run: icacls \"C:\\ca.key\" /inheritance:r /grant:r *S-1-5-18:F ")
        .endsWith("\"" + owner() + ":F\"");
  }

  private void allow(String... principals) throws IOException {
    view()
        .setAcl(
            Arrays.stream(principals)
                .map(
                    name ->
                        entry(AclEntryType.ALLOW, name, EnumSet.allOf(AclEntryPermission.class)))
                .toList());
  }

  private AclEntry entry(
      AclEntryType type, String principal, EnumSet<AclEntryPermission> permissions) {
    return AclEntry.newBuilder()
        .setType(type)
        .setPrincipal(principal(principal))
        .setPermissions(permissions)
        .build();
  }

  private UserPrincipal principal(String name) {
    try {
      return windows.getUserPrincipalLookupService().lookupPrincipalByName(name);
    } catch (IOException impossible) {
      throw new java.io.UncheckedIOException(impossible);
    }
  }

  private List<String> names() throws IOException {
    return view().getAcl().stream().map(entry -> entry.principal().getName()).toList();
  }

  private String owner() throws IOException {
    return view().getOwner().getName();
  }

  private AclFileAttributeView view() {
    return Files.getFileAttributeView(file, AclFileAttributeView.class);
  }
}
