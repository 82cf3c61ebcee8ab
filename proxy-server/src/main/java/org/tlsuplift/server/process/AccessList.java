package org.tlsuplift.server.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryFlag;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The access control list of a file on Windows, in the place of a mode.
 *
 * <p>Windows translates the names of groups, so groups are recognised by their SIDs ("Well-known
 * SIDs" in Microsoft's documentation). The JDK does not show the SID of a principal, but its hash
 * code is that of the SID's text.
 */
final class AccessList {
  /** The system, administrators, and the entry that new files replace by their owner. */
  private static final Set<Integer> TRUSTED = sids("S-1-5-18", "S-1-5-32-544", "S-1-3-0");

  /** Everyone, network, interactive, anonymous, authenticated users, users and guests. */
  private static final Set<Integer> OTHERS =
      sids("S-1-1-0", "S-1-5-2", "S-1-5-4", "S-1-5-7", "S-1-5-11", "S-1-5-32-545", "S-1-5-32-546");

  private static final Set<AclEntryPermission> CONTENT =
      EnumSet.of(
          AclEntryPermission.READ_DATA,
          AclEntryPermission.WRITE_DATA,
          AclEntryPermission.APPEND_DATA,
          AclEntryPermission.WRITE_ACL,
          AclEntryPermission.WRITE_OWNER);

  private final Path path;
  private final AclFileAttributeView view;

  private AccessList(Path path, AclFileAttributeView view) {
    this.path = path;
    this.view = view;
  }

  /** Empty where files have no such list. */
  static Optional<AccessList> of(Path path) throws IOException {
    AclFileAttributeView view =
        Files.getFileStore(path).supportsFileAttributeView(AclFileAttributeView.class)
            ? Files.getFileAttributeView(path, AclFileAttributeView.class)
            : null;
    return Optional.ofNullable(view).map(found -> new AccessList(path, found));
  }

  /** The groups of other users that can access the content; empty if there are none. */
  Optional<String> openToOthers() throws IOException {
    return named(allowed().filter(entry -> OTHERS.contains(entry.principal().hashCode())));
  }

  /**
   * Leaves the owner, the system and administrators, if others have access.
   *
   * @return the others if they still have access
   */
  Optional<String> leaveToOwner() throws IOException {
    UserPrincipal owner = owner();
    Optional<String> others = named(allowed().filter(entry -> !isTrusted(entry, owner)));
    if (others.isEmpty()) {
      return others;
    }
    try {
      restrict();
      return Optional.empty();
    } catch (IOException notOurs) {
      return others;
    }
  }

  /** Leaves the owner, the system and administrators; files in a directory inherit that. */
  void restrict() throws IOException {
    restrictTo(owner());
  }

  /**
   * Leaves this owner, which the file gets afterwards, the system and administrators; files in a
   * directory inherit that.
   */
  void restrictTo(UserPrincipal owner) throws IOException {
    List<AclEntry> entries = new ArrayList<>();
    entries.add(full(owner));
    view.getAcl().stream()
        .map(AclEntry::principal)
        .distinct()
        .filter(principal -> TRUSTED.contains(principal.hashCode()))
        .forEach(principal -> entries.add(full(principal)));
    view.setAcl(entries);
  }

  private AclEntry full(UserPrincipal principal) {
    return AclEntry.newBuilder()
        .setType(AclEntryType.ALLOW)
        .setPrincipal(principal)
        .setPermissions(EnumSet.allOf(AclEntryPermission.class))
        .setFlags(
            Files.isDirectory(path)
                ? EnumSet.of(AclEntryFlag.FILE_INHERIT, AclEntryFlag.DIRECTORY_INHERIT)
                : EnumSet.noneOf(AclEntryFlag.class))
        .build();
  }

  private static boolean isTrusted(AclEntry entry, UserPrincipal owner) {
    return TRUSTED.contains(entry.principal().hashCode()) || entry.principal().equals(owner);
  }

  private UserPrincipal owner() throws IOException {
    return Objects.requireNonNull(view.getOwner(), "owner");
  }

  private Stream<AclEntry> allowed() throws IOException {
    return view.getAcl().stream()
        .filter(entry -> entry.type() == AclEntryType.ALLOW)
        .filter(entry -> entry.permissions().stream().anyMatch(CONTENT::contains));
  }

  private static Optional<String> named(Stream<AclEntry> entries) {
    String names =
        entries
            .map(entry -> entry.principal().getName())
            .distinct()
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? Optional.empty() : Optional.of(names);
  }

  private static Set<Integer> sids(String... texts) {
    return Stream.of(texts).map(String::hashCode).collect(Collectors.toUnmodifiableSet());
  }
}
