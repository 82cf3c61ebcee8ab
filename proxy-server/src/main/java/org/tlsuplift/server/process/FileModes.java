package org.tlsuplift.server.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Sets and checks the modes of files. Files of this program have the same mode with any umask.
 *
 * <p>On Windows, {@link AccessList} does the same: files for the owner alone are also open to the
 * system and to administrators. On a file system without both, the directory must protect the
 * files.
 */
public final class FileModes {
  private static final Set<PosixFilePermission> GROUP = modes("---rwx---");
  private static final Set<PosixFilePermission> OTHERS = modes("------rwx");

  /** The number of the user root. */
  private static final Object ROOT = 0;

  private static final boolean IS_ROOT = isRoot();

  /** For the group and for others. */
  private static final int WRITABLE = 0022;

  /** Only the owner of a name may give it to another file. */
  private static final int STICKY = 01000;

  private FileModes() {}

  /** The users that may read a file; only its owner may write it. */
  public enum Readers {
    /** Mode 0600; 0700 for directories. */
    OWNER("rw-------", "rwx------"),
    /** Mode 0640; 0750 for directories. */
    GROUP("rw-r-----", "rwxr-x---"),
    /** Mode 0644; 0755 for directories. */
    ALL("rw-r--r--", "rwxr-xr-x");

    private final String mode;
    private final String directoryMode;

    Readers(String mode, String directoryMode) {
      this.mode = mode;
      this.directoryMode = directoryMode;
    }

    private Set<PosixFilePermission> mode() {
      return modes(mode);
    }

    private Set<PosixFilePermission> directoryMode() {
      return modes(directoryMode);
    }
  }

  /**
   * Creates an empty file if there is none; the file has its mode from the start. One for its owner
   * belongs to the owner of its directory, see {@link #giveTo}. An existing file loses wider
   * permissions if this user owns it. It is not opened.
   */
  public static void prepare(Path file, Readers readers) throws IOException {
    try {
      create(file, readers).close();
      if (readers == Readers.OWNER) {
        giveTo(file.toAbsolutePath().resolveSibling(""), file);
      }
    } catch (FileAlreadyExistsException already) {
      refuseLink(file);
      // The mode of a pipe or a terminal must stay unchanged.
      if (Files.isRegularFile(file) && areKnown(file)) {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
        if (mode.retainAll(readers.mode())) {
          var unused = change(file, mode);
        }
      }
    }
  }

  /** Opens a file for writing, after {@link #prepare}. */
  public static FileChannel open(Path file, Readers readers) throws IOException {
    prepare(file, readers);
    return FileChannel.open(file, StandardOpenOption.WRITE);
  }

  /**
   * Creates a file and opens it for writing.
   *
   * @throws FileAlreadyExistsException if the file exists
   */
  public static FileChannel create(Path file, Readers readers) throws IOException {
    FileChannel made =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            attributes(file, readers.mode()));
    try {
      if (areKnown(file)) {
        // The umask may have removed permissions at creation.
        setMode(file, readers.mode());
      } else if (readers == Readers.OWNER) {
        restrict(file);
      }
      return made;
    } catch (IOException failed) {
      made.close();
      throw failed;
    }
  }

  /**
   * Creates a directory if there is none. All users can read new parent directories; only the owner
   * can write to them. A new directory belongs to the owner of its parent, if this user may give it
   * away.
   */
  public static void directory(Path directory, Readers readers) throws IOException {
    Path parent = directory.toAbsolutePath().normalize().getParent();
    if (parent != null && !Files.isDirectory(parent)) {
      directory(parent, Readers.ALL);
    }
    refuseLink(directory);
    try {
      createDirectory(directory, readers);
    } catch (FileAlreadyExistsException already) {
      if (Files.isDirectory(directory)) {
        // Another process or the operator created it.
        return;
      }
      throw already;
    }
    if (parent != null) {
      giveTo(parent, directory);
    }
  }

  /**
   * Creates a directory, which stays with this user.
   *
   * @throws FileAlreadyExistsException if it exists
   */
  static void createDirectory(Path directory, Readers readers) throws IOException {
    Set<PosixFilePermission> mode = readers.directoryMode();
    Files.createDirectory(directory, attributes(directory, mode));
    if (areKnown(directory)) {
      setMode(directory, mode);
    } else if (readers == Readers.OWNER) {
      restrict(directory);
    }
  }

  /**
   * For root, the parent of the first directory in a path in which another user decides what a name
   * leads to; empty if there is none, or for another user.
   */
  static Optional<Path> placeOfRoot(Path directory) throws IOException {
    if (!IS_ROOT) {
      return Optional.empty();
    }
    Path real = directory.toRealPath();
    Path place = real.getRoot();
    for (Path name : real) {
      Path next = place.resolve(name);
      if (!isOfRoot(next)) {
        return Optional.of(place);
      }
      place = next;
    }
    return Optional.empty();
  }

  private static boolean isOfRoot(Path directory) throws IOException {
    int mode = (int) Files.getAttribute(directory, "unix:mode");
    return ROOT.equals(Files.getAttribute(directory, "unix:uid"))
        && ((mode & WRITABLE) == 0 || (mode & STICKY) != 0);
  }

  /**
   * Refuses a file that root has just opened, and still has open, if another user has led root
   * elsewhere by a link that was there for a moment only.
   */
  public static void refuseElsewhere(Path opened) throws IOException {
    if (!IS_ROOT) {
      return;
    }
    Path expected = Path.of("/");
    boolean stable = true;
    for (Path name : opened.toAbsolutePath()) {
      stable = stable && isOfRoot(expected);
      expected = stable ? expected.resolve(name).toRealPath() : expected.resolve(name);
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path each : files) {
        try {
          if (Files.readSymbolicLink(each).equals(expected)) {
            return;
          }
        } catch (NoSuchFileException closed) {
          // Of another thread.
        }
      }
    }
    throw new FileSystemException(
        opened.toString(), null, "it was a link for a moment; run it again");
  }

  private static boolean isRoot() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines.anyMatch(line -> line.matches("Uid:\\s+\\d+\\s+0\\s.*"));
    } catch (IOException | UncheckedIOException otherSystem) {
      return false;
    }
  }

  /**
   * The mode of a file or directory that all users can access, such as {@code rw-r--r--}, or the
   * names of their groups; empty if only its owner and group can.
   */
  public static Optional<String> openToOthers(Path path) throws IOException {
    if (!areKnown(path)) {
      Optional<AccessList> list = AccessList.of(path);
      return list.isPresent() ? list.get().openToOthers() : Optional.empty();
    }
    Set<PosixFilePermission> found = Files.getPosixFilePermissions(path);
    return OTHERS.stream().anyMatch(found::contains)
        ? Optional.of(PosixFilePermissions.toString(found))
        : Optional.empty();
  }

  /**
   * Removes the group's access to a private file or directory.
   *
   * <p>Kubernetes gives the files of a volume to a group at each start (fsGroup). On a read-only
   * mount, such as that of a Secret, the mode cannot be changed. There the group may read files
   * that belong to root.
   *
   * @return the mode, or the names of users, if others than the owner can still access the path
   */
  public static Optional<String> leaveToOwner(Path path) throws IOException {
    if (!areKnown(path)) {
      Optional<AccessList> list = AccessList.of(path);
      return list.isPresent() ? list.get().leaveToOwner() : Optional.empty();
    }
    refuseLink(path);
    PosixFileAttributes found = Files.readAttributes(path, PosixFileAttributes.class);
    Set<PosixFilePermission> mode = EnumSet.copyOf(found.permissions());
    boolean group = mode.removeAll(GROUP);
    boolean others = OTHERS.stream().anyMatch(mode::contains);
    boolean good =
        (!group && !others)
            || (!others && change(path.toRealPath(), mode))
            || (isOnReadOnlyMountOfRoot(path)
                && (found.isDirectory() || Readers.GROUP.mode().containsAll(found.permissions())));
    return good
        ? Optional.empty()
        : Optional.of(PosixFilePermissions.toString(found.permissions()));
  }

  /**
   * Gives a new file or directory the owner of another one, if the file system has owners.
   *
   * <p>Without effect if this user may not: only root and administrators can give a file away.
   */
  public static void giveTo(Path ownedLike, Path made) throws IOException {
    Optional<AccessList> list = areKnown(ownedLike) ? Optional.empty() : AccessList.of(made);
    if (!areKnown(ownedLike) && list.isEmpty()) {
      return;
    }
    UserPrincipal owner = Files.getOwner(ownedLike);
    FileOwnerAttributeView view =
        Files.getFileAttributeView(made, FileOwnerAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (!owner.equals(view.getOwner())) {
      if (list.isPresent()) {
        // Afterwards this user may not be allowed to.
        list.get().restrictTo(owner);
      }
      try {
        view.setOwner(owner);
      } catch (FileSystemException refused) {
        // Only root can give a file away. Where a daemon may write for its group, it keeps its own.
        if (!made.getFileSystem().supportedFileAttributeViews().contains("unix")
            || ROOT.equals(Files.getAttribute(made, "unix:uid", LinkOption.NOFOLLOW_LINKS))) {
          throw refused;
        }
      }
    }
  }

  /**
   * Gives a new file the owner, group and mode of the file that it will replace; without one, the
   * owner of its directory. A command of root so leaves the daemon its files. Where this user may
   * not, the file keeps its own, as in {@link #giveTo}.
   *
   * @param widest the mode is kept if no more users may read the file
   */
  public static void inherit(Path replaced, Path made, Readers widest) throws IOException {
    if (!Files.isRegularFile(replaced, LinkOption.NOFOLLOW_LINKS)) {
      giveTo(made.toAbsolutePath().resolveSibling(""), made);
      return;
    }
    if (areKnown(replaced)) {
      PosixFileAttributes old =
          Files.readAttributes(replaced, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      PosixFileAttributeView view =
          Files.getFileAttributeView(made, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
      try {
        view.setGroup(old.group());
        if (widest.mode().containsAll(old.permissions())) {
          view.setPermissions(old.permissions());
        }
      } catch (FileSystemException notInGroup) {
        // Another group must not get what the old one could read.
        setMode(made, Readers.OWNER.mode());
      }
    }
    giveTo(replaced, made);
  }

  /**
   * Refuses a link that another user, such as that of the daemon, can have put there so that root
   * changes a file for that user: a symbolic link in the path, or a hard link, in a directory of a
   * user who does not own what it leads to.
   *
   * @throws FileSystemException names the link
   */
  public static void refuseLink(Path file) throws IOException {
    if (!file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return;
    }
    for (Path at = file.toAbsolutePath(); at.getParent() != null; at = at.getParent()) {
      boolean link =
          Files.isSymbolicLink(at)
              || (Files.isRegularFile(at)
                  && !Integer.valueOf(1).equals(Files.getAttribute(at, "unix:nlink")));
      if (link) {
        refuseLink(at, at);
      }
    }
  }

  private static void refuseLink(Path link, Path to) throws IOException {
    Object owner = Files.getAttribute(link.getParent(), "unix:uid");
    if (!owner.equals(ROOT)
        && Files.exists(to)
        && !owner.equals(Files.getAttribute(to, "unix:uid"))) {
      throw new FileSystemException(
          link.toString(), null, "it is a link to a file of another user; delete the link");
    }
  }

  /**
   * What a path leads to, for calls that follow no link, so that a link that appears meanwhile has
   * no effect.
   *
   * @throws FileSystemException as {@link #refuseLink}
   */
  static Path target(Path file) throws IOException {
    refuseLink(file);
    Path path = file.toAbsolutePath();
    if (!Files.isSymbolicLink(path) || !Files.exists(path)) {
      return path;
    }
    Path target = path.toRealPath();
    if (path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      refuseLink(path, target);
    }
    return target;
  }

  /**
   * What a path leads to, see {@link #target}, unless it is a pipe or a directory.
   *
   * @throws FileSystemException if it is
   */
  public static Path regular(Path file) throws IOException {
    Path target = target(file);
    if (Files.exists(target) && !Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileSystemException(file.toString(), null, "it is not a regular file");
    }
    return target;
  }

  /** Sets the mode of a path, and not that of the target of a link that replaced it meanwhile. */
  private static void setMode(Path path, Set<PosixFilePermission> mode) throws IOException {
    try {
      Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .setPermissions(mode);
    } catch (AccessDeniedException unreadable) {
      // Of a user other than root, whose umask has removed the permission to read.
      Files.setPosixFilePermissions(path, mode);
    }
  }

  /** The remedy for a file or directory that other users can access, as the end of a sentence. */
  public static String remedy(Path path, String mode) throws IOException {
    if (!areKnown(path) && AccessList.of(path).isPresent()) {
      // By SIDs, because Windows translates the names of these two groups.
      return "run: icacls \"%s\" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F \"%s:F\""
          .formatted(path, Files.getOwner(path).getName());
    }
    return isOnReadOnlyMount(path)
        ? "mount it with mode 0440 for the group of this user (Kubernetes: defaultMode, fsGroup)"
        : "run: chmod " + mode + " " + path;
  }

  private static void restrict(Path path) throws IOException {
    Optional<AccessList> list = AccessList.of(path);
    if (list.isPresent()) {
      list.get().restrict();
    }
  }

  /** Changes the mode if possible: the owner can, unless the mount is read-only. */
  private static boolean change(Path path, Set<PosixFilePermission> mode) {
    try {
      setMode(path, mode);
      return true;
    } catch (IOException notOurs) {
      return false;
    }
  }

  private static boolean isOnReadOnlyMountOfRoot(Path path) throws IOException {
    return isOnReadOnlyMount(path)
        && path.getFileSystem().supportedFileAttributeViews().contains("unix")
        && ROOT.equals(Files.getAttribute(path, "unix:uid"));
  }

  private static FileAttribute<?>[] attributes(Path file, Set<PosixFilePermission> mode)
      throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    return parent != null && areKnown(parent)
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(mode)}
        : new FileAttribute<?>[0];
  }

  private static boolean areKnown(Path path) throws IOException {
    return mount(path)
        .map(mount -> mount.supportsFileAttributeView("posix"))
        .orElseGet(() -> path.getFileSystem().supportedFileAttributeViews().contains("posix"));
  }

  private static boolean isOnReadOnlyMount(Path path) throws IOException {
    return mount(path).map(FileStore::isReadOnly).orElse(false);
  }

  /** The mount that holds a path; empty in a chroot, where the JDK finds none for {@code /}. */
  private static Optional<FileStore> mount(Path path) throws IOException {
    try {
      return Optional.of(Files.getFileStore(path));
    } catch (FileSystemException inaccessible) {
      throw inaccessible;
    } catch (IOException notFound) {
      return Optional.empty();
    }
  }

  private static Set<PosixFilePermission> modes(String text) {
    return Set.copyOf(PosixFilePermissions.fromString(text));
  }
}
