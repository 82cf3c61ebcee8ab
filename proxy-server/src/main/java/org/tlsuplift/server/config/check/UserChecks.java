package org.tlsuplift.server.config.check;

import java.nio.file.Path;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.server.config.ReadableSecrets;
import org.tlsuplift.server.config.yaml.Problems;

/** Checks that the password of a SOCKS user can be used, and is kept well. */
final class UserChecks {
  private UserChecks() {}

  /** Reads a file, which can be read. */
  static void check(String at, Path passwordFile, Problems problems) {
    try {
      PasswordFile.socks(passwordFile);
      ReadableSecrets.warn(at, passwordFile, "who has it can use this listener", problems);
    } catch (KeyFileException unusable) {
      problems.error(at, String.valueOf(unusable.getMessage()), "", "");
    }
  }
}
