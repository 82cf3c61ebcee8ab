package org.tlsuplift.server.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.config.secret.ReadableSecrets;

/** Checks files that the configuration names; skips keys that already have errors. */
final class FileChecks {
  private static final String CERTIFICATES = "a PEM file with certificates";

  private FileChecks() {}

  /** Reads a file with a secret. */
  interface Reader<T> {
    T read(Path file) throws OperatorException;
  }

  /**
   * The content of a file with a secret, about which it warns if others can read the file; null for
   * null, and after a problem.
   *
   * @param risk what others can do with the file
   */
  static <T> @Nullable T warned(
      String key, @Nullable Path file, String risk, Reader<T> reader, Problems problems) {
    T content = content(key, file, reader, problems);
    if (content != null) {
      ReadableSecrets.warn(key, file, risk, problems);
    }
    return content;
  }

  /** Checks a file that gives access to the mailboxes, so others must not be able to read it. */
  static <T> void hidden(String key, @Nullable Path file, Reader<T> reader, Problems problems) {
    if (content(key, file, reader, problems) != null) {
      ReadableSecrets.require(key, file, problems);
    }
  }

  private static <T> @Nullable T content(
      String key, @Nullable Path file, Reader<T> reader, Problems problems) {
    if (file == null || !readable(key, file, problems)) {
      return null;
    }
    try {
      return reader.read(file);
    } catch (OperatorException unusable) {
      problems.error(key, unusable.getMessage(), "", "");
      return null;
    }
  }

  /** Checks a secret file whose content is checked later. */
  static void secret(String key, @Nullable Path file, String risk, Problems problems) {
    if (readable(key, file, problems)) {
      ReadableSecrets.warn(key, file, risk, problems);
    }
  }

  /** Whether all files are readable and without errors so far. */
  static boolean readable(String at, KeyFiles files, Problems problems) {
    certificates(at + ".certificate", files.certificate(), problems);
    return secretsReadable(at, files, problems) && problems.clean(at);
  }

  /** Whether the key, PKCS#12 and password files are readable, if set. */
  static boolean secretsReadable(String at, KeyFiles files, Problems problems) {
    boolean readable = true;
    readable &= files.key() == null || readable(at + ".key", files.key(), problems);
    readable &= files.pkcs12() == null || readable(at + ".pkcs12", files.pkcs12(), problems);
    readable &=
        files.passwordFile() == null
            || readable(at + ".passwordFile", files.passwordFile(), problems);
    return readable;
  }

  static void certificates(String key, @Nullable Path file, Problems problems) {
    if (file == null || !readable(key, file, problems)) {
      return;
    }
    try {
      List<X509Certificate> found = certificates(file);
      if (found.isEmpty()) {
        problems.error(key, Problems.got(file), CERTIFICATES, "the file has no certificate");
      }
      List<String> expired =
          found.stream()
              .filter(each -> each.getNotAfter().toInstant().isBefore(Instant.now()))
              .map(each -> each.getSubjectX500Principal() + " on " + each.getNotAfter().toInstant())
              .toList();
      if (!expired.isEmpty()) {
        problems.warning(
            key,
            Problems.got(file) + "; expired: " + ShortText.list(expired, "; ", 2),
            "put the new certificate of this CA into the file");
      }
    } catch (CertificateException corrupt) {
      problems.error(
          key, Problems.got(file), CERTIFICATES, "the file is damaged or has another format");
    } catch (IOException failed) {
      problems.error(key, Problems.got(file), CERTIFICATES, "the file cannot be read");
    }
  }

  /** The certificates of a file, in its order. */
  static List<X509Certificate> certificates(Path file) throws IOException, CertificateException {
    try (InputStream content = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(content).stream()
          .map(X509Certificate.class::cast)
          .toList();
    }
  }

  static boolean readable(String key, @Nullable Path file, Problems problems) {
    if (file == null || !problems.clean(key)) {
      return false;
    }
    String trouble = trouble(file);
    if (!trouble.isEmpty()) {
      problems.error(
          key,
          Problems.got(file),
          "a readable file",
          trouble + " (" + file.toAbsolutePath().normalize() + ")");
    }
    return trouble.isEmpty();
  }

  /** Why a file cannot be read; empty if it can. */
  private static String trouble(Path file) {
    if (Files.isReadable(file)) {
      return Files.isDirectory(file) ? "this is a directory" : "";
    }
    try {
      // Unlike Files.exists, this tells a missing file from a directory that must not be entered.
      return Files.readAttributes(file, BasicFileAttributes.class).isDirectory()
          ? "this is a directory"
          : "this user may not read it";
    } catch (AccessDeniedException closed) {
      return "this user may not enter its directory; " + wayInto(file.toAbsolutePath());
    } catch (IOException missing) {
      return "no such file";
    }
  }

  /** A key of the daemon must not be copied so that others can read it. */
  private static String wayInto(Path closed) {
    Path directory = closed;
    Path above = closed.getParent();
    while (above != null && (directory.equals(closed) || !Files.isExecutable(above))) {
      directory = above;
      above = above.getParent();
    }
    String owner = "";
    try {
      owner = Files.getOwner(directory).getName();
    } catch (IOException | UnsupportedOperationException unknown) {
      // The other remedy is possible.
    }
    return List.of("", "root", System.getProperty("user.name", "")).contains(owner)
        ? "copy the file to one that it may enter"
        : "run the command as " + owner + ", who owns it: sudo -u " + owner;
  }
}
