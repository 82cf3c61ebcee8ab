package org.tlsuplift.server.backup;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.audit.AuditJournal;

/**
 * The names of entries: {@code data/...} below the data directory, and {@code files/...} for other
 * files with their absolute path. A name can only lead to a place below its target directory.
 */
final class EntryName {
  static final String DATA = "data/";
  static final String FILES = "files/";
  static final String CA = "ca";
  static final String LISTENERS = "listeners";
  static final String SIGN_IN = "sign-in";
  static final String ENDPOINTS = "endpoints";
  static final String BACKUP = "backup";
  static final String INVENTORY = "inventory.db";

  /** What a restore may create in the data directory. */
  static final List<String> PARTS =
      List.of(CA, LISTENERS, SIGN_IN, ENDPOINTS, BACKUP, AuditJournal.FILE, INVENTORY);

  /** Those of them that are files; the others are directories. */
  private static final Set<String> SINGLE = Set.of(AuditJournal.FILE, INVENTORY);

  private static final int MAX_LENGTH = 1024;
  private static final int MAX_DEPTH = 32;
  private static final int MAX_PART = 255;
  private static final Set<String> NOT_NAMES = Set.of("", ".", "..");

  private EntryName() {}

  /**
   * Refuses a name that could lead elsewhere on any system.
   *
   * @throws OperatorException with the name
   */
  static void check(String name) throws OperatorException {
    if (!isSafe(name)) {
      throw new OperatorException(
          "the backup has an entry with the name '"
              + name
              + "', which is not allowed; nothing was written; this program did not make the file");
    }
  }

  private static boolean isSafe(String name) {
    List<String> parts = List.of(name.split("/", -1));
    boolean plain =
        name.length() <= MAX_LENGTH
            && parts.size() <= MAX_DEPTH
            && name.chars().noneMatch(c -> c < ' ' || c == 0x7f || c == '\\' || c == ':')
            && parts.stream()
                .allMatch(
                    part ->
                        !NOT_NAMES.contains(part)
                            && part.getBytes(StandardCharsets.UTF_8).length <= MAX_PART);
    if (!plain || parts.size() < 2) {
      return false;
    }
    return name.startsWith(FILES)
        || (name.startsWith(DATA)
            && PARTS.contains(parts.get(1))
            && (parts.size() > 2) != SINGLE.contains(parts.get(1)));
  }

  /**
   * The name of a file outside the data directory.
   *
   * @throws OperatorException if its path has characters that other systems do not allow
   */
  static String ofFile(Path file) throws OperatorException {
    Path absolute = file.toAbsolutePath().normalize();
    StringBuilder name = new StringBuilder("files");
    Path root = absolute.getRoot();
    String drive = root == null ? "" : root.toString().replaceAll("[^A-Za-z0-9]", "");
    if (!drive.isEmpty()) {
      name.append('/').append(drive);
    }
    absolute.forEach(part -> name.append('/').append(part));
    if (!isSafe(name.toString())) {
      throw new OperatorException(
          file
              + ": a backup cannot have a file with this name; remove colons, backslashes and"
              + " control characters from the path");
    }
    return name.toString();
  }

  /**
   * Whether a name is that of a file of a configuration, which may be of another system. A path
   * that is not absolute may be below any directory: the one in which the backup was made is
   * unknown.
   */
  static boolean isOf(Path file, String name) {
    String path = file.toString().replace('\\', '/');
    boolean absolute = path.startsWith("/") || path.matches("[A-Za-z]:/.*");
    Path parts = Path.of(path.replace(":", "").replaceFirst("^/+", "")).normalize();
    StringBuilder end = new StringBuilder();
    for (Path part : parts) {
      if (!part.toString().equals("..")) {
        end.append('/').append(part);
      }
    }
    return absolute ? name.equals("files" + end) : name.endsWith(end.toString());
  }

  /**
   * The place of a checked name.
   *
   * @param prefix {@link #DATA} or {@link #FILES}
   */
  static Path below(Path directory, String prefix, String name) {
    Path place = directory;
    for (String part : name.substring(prefix.length()).split("/", -1)) {
      place = place.resolve(part);
    }
    if (!place.normalize().startsWith(directory.normalize())) {
      throw new IllegalArgumentException(name + " was not checked");
    }
    return place;
  }
}
