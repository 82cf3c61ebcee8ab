package org.tlsuplift.server.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import org.jspecify.annotations.Nullable;

/** Checks that the files which the configuration names can be used. */
final class FileChecks {
  private static final String CERTIFICATES = "a PEM file with certificates";

  private FileChecks() {}

  static void check(ServerConfig config, Problems problems) {
    ServerConfig.CertificateAuthority authority = config.certificateAuthority();
    certificates("upstream.trust", config.upstream().trust(), problems);
    certificates("certificateAuthority.certificate", authority.certificate(), problems);
    readable("certificateAuthority.key", authority.key(), problems);
    readable("certificateAuthority.pkcs12", authority.pkcs12(), problems);
    readable("certificateAuthority.passwordFile", authority.passwordFile(), problems);
    if (Files.exists(config.dataDirectory()) && !Files.isDirectory(config.dataDirectory())) {
      problems.error(
          "dataDirectory",
          Problems.got(config.dataDirectory()),
          "a directory, which is made if it is missing",
          "this is a file");
    }
  }

  private static void certificates(String key, @Nullable Path file, Problems problems) {
    if (file == null || !readable(key, file, problems)) {
      return;
    }
    try (InputStream content = Files.newInputStream(file)) {
      if (CertificateFactory.getInstance("X.509").generateCertificates(content).isEmpty()) {
        problems.error(key, Problems.got(file), CERTIFICATES, "the file holds none");
      }
    } catch (CertificateException corrupt) {
      problems.error(
          key, Problems.got(file), CERTIFICATES, "the file is corrupt or of another kind");
    } catch (IOException failed) {
      problems.error(key, Problems.got(file), CERTIFICATES, "reading it failed");
    }
  }

  private static boolean readable(String key, @Nullable Path file, Problems problems) {
    if (file == null || !problems.clean(key)) {
      return false;
    }
    String trouble =
        !Files.exists(file)
            ? "there is no such file"
            : Files.isDirectory(file)
                ? "this is a directory"
                : Files.isReadable(file) ? "" : "this user may not read it";
    if (!trouble.isEmpty()) {
      problems.error(
          key,
          Problems.got(file),
          "a file that can be read",
          trouble + " (" + file.toAbsolutePath().normalize() + ")");
    }
    return trouble.isEmpty();
  }
}
