package org.tlsuplift.server.config;

import java.io.IOException;
import java.nio.file.Path;
import org.tlsuplift.proxy.keyfile.FileModes;
import org.tlsuplift.proxy.keyfile.KeyFileException;

/** Checks that the password of a SOCKS user can be used, and is kept well. */
final class UserChecks {
  private UserChecks() {}

  /** Reads a file, which can be read. */
  static void check(String at, Path passwordFile, Problems problems) {
    try {
      PasswordFile.socks(passwordFile);
      FileModes.openToOthers(passwordFile, false)
          .ifPresent(
              mode ->
                  problems.warning(
                      at,
                      "'" + passwordFile + "' is accessible to others (mode " + mode + ")",
                      "who has it can use this listener; run: chmod 600 " + passwordFile));
    } catch (KeyFileException unusable) {
      problems.error(at, String.valueOf(unusable.getMessage()), "", "");
    } catch (IOException failed) {
      problems.warning(at, "the mode of '" + passwordFile + "' cannot be read", "check the file");
    }
  }
}
