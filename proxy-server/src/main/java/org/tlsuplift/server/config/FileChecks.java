package org.tlsuplift.server.config;

import org.tlsuplift.server.config.secret.PasswordFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.config.secret.ReadableSecrets;
import org.tlsuplift.server.config.yaml.Problems;
import org.tlsuplift.server.signin.token.TokenKey;

/** Checks the files that the configuration names. */
final class FileChecks {
  private static final String CERTIFICATES = "a PEM file with certificates";

  private static final String SIGN = "anyone with this file can issue certificates as your CA";

  private FileChecks() {}

  static void check(ServerConfig config, Problems problems) {
    CertificateAuthorityConfig authority = config.certificateAuthority();
    certificates("upstream.trust", config.upstream().trust(), problems);
    LogConfig.Syslog syslog = config.log().syslog();
    certificates("log.syslog.trust", syslog == null ? null : syslog.trust(), problems);
    certificates("certificateAuthority.certificate", authority.keyFiles().certificate(), problems);
    readable("certificateAuthority.key", authority.keyFiles().key(), problems);
    secret("certificateAuthority.pkcs12", authority.keyFiles().pkcs12(), SIGN, problems);
    secret(
        "certificateAuthority.passwordFile", authority.keyFiles().passwordFile(), SIGN, problems);
    names("devices.namesFile", config.devices().namesFile(), problems);
    DatabaseConfig database = config.database();
    secret(
        "database.passwordFile",
        database == null ? null : database.passwordFile(),
        "anyone with this file can read and change the inventory",
        problems);
    tokenKey("database.keyFile", database == null ? null : database.keyFile(), problems);
    for (int i = 0; i < config.routes().size(); i++) {
      KeyFiles files = config.routes().get(i).clientCertificate();
      if (files != null) {
        clientCertificate("routes[" + i + "].clientCertificate", files, problems);
      }
    }
    for (int i = 0; i < config.listeners().size(); i++) {
      users("listeners[" + i + "].users", config.listeners().get(i).access().users(), problems);
    }
    ListenerCertificateChecks.check(config, problems);
    AdminChecks.check(config.admin(), problems);
    UpstreamProxyChecks.check(config, problems, (key, file) -> readable(key, file, problems));
    OtlpChecks.check(config.metrics(), problems);
    SignInChecks.check(config, problems);
    NotifyChecks.check(config.notifications(), problems);
    if (Files.exists(config.dataDirectory()) && !Files.isDirectory(config.dataDirectory())) {
      problems.error(
          "dataDirectory",
          Problems.got(config.dataDirectory()),
          "a directory, which is created if missing",
          "this is a file; set another path");
    }
  }

  private static void secret(String key, @Nullable Path file, String risk, Problems problems) {
    if (readable(key, file, problems)) {
      ReadableSecrets.warn(key, file, risk, problems);
    }
  }

  /** Anyone with the key and the database can access the mailboxes. */
  private static void tokenKey(String key, @Nullable Path file, Problems problems) {
    if (file == null || !readable(key, file, problems)) {
      return;
    }
    try {
      var unused = TokenKey.read(file);
      ReadableSecrets.require(key, file, problems);
    } catch (KeyFileException unusable) {
      problems.error(key, String.valueOf(unusable.getMessage()), "", "");
    }
  }

  private static void names(String key, @Nullable Path file, Problems problems) {
    if (file == null || !readable(key, file, problems)) {
      return;
    }
    try {
      DeviceNamesReader.read(file);
    } catch (IOException wrong) {
      problems.error(
          key,
          Problems.got(file),
          "a file with an address, a comma and a name on each line",
          String.valueOf(wrong.getMessage()));
    }
  }

  private static void users(String at, List<ListenerConfig.User> users, Problems problems) {
    for (int i = 0; i < users.size(); i++) {
      String key = at + "[" + i + "].passwordFile";
      if (readable(key, users.get(i).passwordFile(), problems)) {
        UserChecks.check(key, users.get(i).passwordFile(), problems);
      }
    }
  }

  private static void clientCertificate(String at, KeyFiles files, Problems problems) {
    if (readable(at, files, problems)) {
      ClientCertificateChecks.check(at, files, problems);
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

  private static void certificates(String key, @Nullable Path file, Problems problems) {
    if (file == null || !readable(key, file, problems)) {
      return;
    }
    try (InputStream content = Files.newInputStream(file)) {
      if (CertificateFactory.getInstance("X.509").generateCertificates(content).isEmpty()) {
        problems.error(key, Problems.got(file), CERTIFICATES, "the file has no certificate");
      }
    } catch (CertificateException corrupt) {
      problems.error(
          key, Problems.got(file), CERTIFICATES, "the file is damaged or has another format");
    } catch (IOException failed) {
      problems.error(key, Problems.got(file), CERTIFICATES, "the file cannot be read");
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
      return "this user may not enter its directory; copy the file to one that it may enter";
    } catch (IOException missing) {
      return "no such file";
    }
  }

  /** Checks the password of a SOCKS user. */
  static final class UserChecks {
    private UserChecks() {}

    static void check(String at, Path passwordFile, Problems problems) {
      try {
        PasswordFile.socks(passwordFile);
        ReadableSecrets.warn(
            at, passwordFile, "anyone with this file can use this listener", problems);
      } catch (KeyFileException unusable) {
        problems.error(at, String.valueOf(unusable.getMessage()), "", "");
      }
    }
  }
}
