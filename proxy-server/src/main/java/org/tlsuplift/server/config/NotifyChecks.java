package org.tlsuplift.server.config;

import org.tlsuplift.server.config.secret.PasswordFile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.server.config.secret.ReadableSecrets;
import org.tlsuplift.server.config.yaml.Problems;

/** Checks the secrets of receivers of notifications. */
final class NotifyChecks {
  private static final int SHORTEST_SECRET = 16;

  private NotifyChecks() {}

  static void check(@Nullable NotifyConfig notify, Problems problems) {
    if (notify == null) {
      return;
    }
    if (notify.smtp() != null
        && notify.smtp().passwordFile() != null
        && problems.clean("notify.smtp.server")
        && problems.clean("notify.smtp.from")) {
      String key = "notify.smtp.passwordFile";
      var unused =
          secret(
              key,
              notify.smtp().passwordFile(),
              "anyone with this file can send mail as this user",
              problems);
    }
    if (notify.webhook() != null && problems.clean("notify.webhook.url")) {
      String key = "notify.webhook.secretFile";
      String secret =
          secret(
              key,
              notify.webhook().secretFile(),
              "anyone with this file can forge notifications",
              problems);
      if (secret != null && secret.length() < SHORTEST_SECRET) {
        problems.error(
            key,
            "the first line has " + secret.length() + " characters",
            "at least " + SHORTEST_SECRET + " characters",
            "write a new one with: openssl rand -hex 32");
      }
    }
  }

  private static @Nullable String secret(String key, Path file, String risk, Problems problems) {
    if (!FileChecks.readable(key, file, problems)) {
      return null;
    }
    ReadableSecrets.warn(key, file, risk, problems);
    try {
      return PasswordFile.upstream(file);
    } catch (KeyFileException unusable) {
      problems.error(key, String.valueOf(unusable.getMessage()), "", "");
      return null;
    }
  }
}
