package org.tlsuplift.server.manual;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.server.testing.platform.PlatformCertificate;

/**
 * Makes the files that an example names, so that it is complete. Their kind follows from their
 * names. Days to come are put off, so that an example does not expire.
 */
public final class NamedFiles {
  private static final Pattern NAMED = Pattern.compile("/etc/tls-uplift/([A-Za-z0-9._-]+)");
  private static final Pattern APPLICATION =
      Pattern.compile("/var/lib/tls-uplift/(sign-in/[A-Za-z0-9._-]+\\.pem)");
  private static final Pattern UNTIL = Pattern.compile("(until: )20\\d\\d-\\d\\d-\\d\\d");
  private static final PlatformCertificate CERTIFICATE =
      PlatformCertificate.selfSigned("relay.contoso.example", "uplift.corp.example");

  private final Path directory;

  public NamedFiles(Path directory) {
    this.directory = directory;
  }

  /** The text with the names of the files that were made. */
  public String in(String text) throws IOException {
    Matcher named = NAMED.matcher(text);
    while (named.find()) {
      make(named.group(1));
    }
    Matcher application = APPLICATION.matcher(text);
    while (application.find()) {
      make("data/" + application.group(1));
    }
    String here = directory.toString();
    String later = LocalDate.now(ZoneId.systemDefault()).plusDays(30).toString();
    return UNTIL
        .matcher(
            text.replace("/etc/tls-uplift", here).replace("/var/lib/tls-uplift", here + "/data"))
        .replaceAll("$1" + later);
  }

  private void make(String name) throws IOException {
    Path file = directory.resolve(name);
    String content = content(name);
    if (content != null && !Files.exists(file)) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, content);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
  }

  /** Null for what the example itself makes. */
  private static String content(String name) {
    if (name.endsWith(".key.pem")) {
      return CERTIFICATE.keyPem();
    }
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "pem", "crt" -> CERTIFICATE.certificatePem();
      case "key" ->
          name.equals("shared.key") ? "0123456789abcdef0123456789abcdef" : CERTIFICATE.keyPem();
      case "password", "secret", "token" -> "correct horse battery staple\n";
      case "headers" -> "Authorization: Bearer abc\n";
      case "csv" -> "10.1.2.3,printer-2nd-floor\n";
      case "yaml", "yml" -> name.startsWith("accounts") ? "accounts: []\n" : null;
      default -> null;
    };
  }
}
