package org.tlsuplift.server.config.secret;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.process.FileModes;

/**
 * Finds secret files that all users of this machine can read. A group may read them, because
 * service accounts and Kubernetes get their secrets that way.
 */
public final class ReadableSecrets {
  private ReadableSecrets() {}

  /**
   * Warns about a file that others can read.
   *
   * @param risk what others can do with it
   */
  public static void warn(String key, @Nullable Path file, String risk, Problems problems) {
    exposed(key, file, problems)
        .ifPresent(mode -> problems.warning(key, text(file, mode), risk + "; " + remedy(file)));
  }

  /** Refuses a file that others can read. */
  public static void require(String key, @Nullable Path file, Problems problems) {
    exposed(key, file, problems)
        .ifPresent(
            mode ->
                problems.error(
                    key,
                    text(file, mode),
                    "a file that only this user can read",
                    "anyone with this file can access the mailboxes; " + remedy(file)));
  }

  private static Optional<String> exposed(String key, @Nullable Path file, Problems problems) {
    try {
      return file == null ? Optional.empty() : FileModes.openToOthers(file);
    } catch (IOException failed) {
      problems.warning(key, "the mode of '" + file + "' cannot be read", "check the file");
      return Optional.empty();
    }
  }

  private static String text(@Nullable Path file, String mode) {
    return "'" + file + "' is accessible to other users (mode " + mode + ")";
  }

  private static String remedy(@Nullable Path file) {
    try {
      return file == null ? "" : FileModes.remedy(file, "600");
    } catch (IOException gone) {
      return "check the file";
    }
  }
}
