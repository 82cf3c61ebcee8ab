package org.tlsuplift.server.pages;

import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.tlsuplift.proxy.ca.CaExport;
import org.tlsuplift.server.web.Answer;

/**
 * The certificates that devices have to trust: their page, and themselves in the forms they take.
 */
final class Certificates {
  private final Supplier<List<Authority>> authorities;

  Certificates(Supplier<List<Authority>> authorities) {
    this.authorities = authorities;
  }

  CertificatePage page(Frame frame) {
    return new CertificatePage(
        frame, authorities.get().stream().map(Certificates::shown).toList(), Guide.ALL);
  }

  private static CertificatePage.Shown shown(Authority authority) {
    X509Certificate anchor = authority.ca().anchor();
    List<String> constraints = authority.ca().nameConstraints();
    return new CertificatePage.Shown(
        authority
            .listener()
            .map(name -> "Of the listener " + name + " alone")
            .orElse("Of all listeners"),
        authority
            .listener()
            .map(name -> "Its devices need this one, and no other device does.")
            .orElse(
                "Every device needs it that is bridged, and comes to a listener without one of its own."),
        anchor.getSubjectX500Principal().toString(),
        Text.minute(anchor.getNotBefore().toInstant())
            + " to "
            + Text.minute(authority.ca().expiresAt())
            + " UTC",
        CaExport.sha256(anchor),
        CaExport.sha1(anchor),
        constraints.isEmpty() ? List.of("for any name: it has no name constraints") : constraints,
        Arrays.stream(CaExport.Format.values())
            .map(
                format ->
                    new CertificatePage.File(
                        label(format), Section.CERTIFICATES.path() + "/" + file(authority, format)))
            .toList());
  }

  private static String label(CaExport.Format format) {
    return switch (format) {
      case PEM -> "PEM (.pem)";
      case DER -> "DER (.cer)";
      case PKCS7 -> "PKCS#7 (.p7b)";
    };
  }

  private static String type(CaExport.Format format) {
    return switch (format) {
      case PEM -> "application/x-pem-file";
      // What browsers know a certificate by; RFC 2585 section 4.1 has another for bare ones.
      case DER -> "application/x-x509-ca-cert";
      case PKCS7 -> "application/x-pkcs7-certificates";
    };
  }

  /** The names are those of 'tls-uplift ca export'. */
  private static String file(Authority authority, CaExport.Format format) {
    return "tls-uplift-ca"
        + authority.listener().map(name -> "-" + name).orElse("")
        + "."
        + format.extension();
  }

  /** The file of a name; empty for none. */
  Optional<Answer> file(String name) {
    return authorities.get().stream()
        .flatMap(
            authority ->
                Stream.of(CaExport.Format.values())
                    .filter(format -> file(authority, format).equals(name))
                    .map(format -> answer(authority, format)))
        .findFirst();
  }

  private static Answer answer(Authority authority, CaExport.Format format) {
    return Answer.bytes(200, type(format), CaExport.encode(authority.ca().anchor(), format))
        .with("Content-Disposition", "attachment; filename=\"" + file(authority, format) + "\"");
  }
}
