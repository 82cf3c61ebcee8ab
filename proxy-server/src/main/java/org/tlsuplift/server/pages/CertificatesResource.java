package org.tlsuplift.server.pages;

import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.tlsuplift.proxy.ca.CaExport;
import org.tlsuplift.server.web.Response;

/**
 * The certificates that devices have to trust: their page, and themselves in the forms they take.
 */
final class CertificatesResource {
  private final Supplier<List<TrustedAuthority>> authorities;

  CertificatesResource(Supplier<List<TrustedAuthority>> authorities) {
    this.authorities = authorities;
  }

  CertificatePage page(PageFrame pageFrame) {
    return new CertificatePage(
        pageFrame,
        authorities.get().stream().map(CertificatesResource::shown).toList(),
        InstallGuide.ALL);
  }

  private static CertificatePage.Shown shown(TrustedAuthority trustedAuthority) {
    X509Certificate anchor = trustedAuthority.ca().anchor();
    List<String> constraints = trustedAuthority.ca().nameConstraints();
    return new CertificatePage.Shown(
        trustedAuthority
            .listener()
            .map(name -> "Of the listener " + name + " alone")
            .orElse("Of all listeners"),
        trustedAuthority
            .listener()
            .map(name -> "Its devices need this one, and no other device does.")
            .orElse(
                "Every device needs it that is bridged, and comes to a listener without one of its own."),
        anchor.getSubjectX500Principal().toString(),
        PageText.minute(anchor.getNotBefore().toInstant())
            + " to "
            + PageText.minute(trustedAuthority.ca().expiresAt())
            + " UTC",
        CaExport.sha256(anchor),
        CaExport.sha1(anchor),
        constraints.isEmpty() ? List.of("for any name: it has no name constraints") : constraints,
        Arrays.stream(CaExport.Format.values())
            .map(
                format ->
                    new CertificatePage.File(
                        label(format),
                        NavigationItem.CERTIFICATES.path() + "/" + file(trustedAuthority, format)))
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
  private static String file(TrustedAuthority trustedAuthority, CaExport.Format format) {
    return "tls-uplift-ca"
        + trustedAuthority.listener().map(name -> "-" + name).orElse("")
        + "."
        + format.extension();
  }

  /** The file of a name; empty for none. */
  Optional<Response> file(String name) {
    return authorities.get().stream()
        .flatMap(
            trustedAuthority ->
                Stream.of(CaExport.Format.values())
                    .filter(format -> file(trustedAuthority, format).equals(name))
                    .map(format -> answer(trustedAuthority, format)))
        .findFirst();
  }

  private static Response answer(TrustedAuthority trustedAuthority, CaExport.Format format) {
    return Response.bytes(
            200, type(format), CaExport.encode(trustedAuthority.ca().anchor(), format))
        .with(
            "Content-Disposition",
            "attachment; filename=\"" + file(trustedAuthority, format) + "\"");
  }

  /**
   * What the page about certificates shows, in texts.
   *
   * @param frame around it
   * @param authorities whom devices have to trust
   * @param guides where they take a certificate
   */
  record CertificatePage(PageFrame frame, List<Shown> authorities, List<InstallGuide> guides) {
    /**
     * An authority.
     *
     * @param title whose it is
     * @param note which devices need it
     * @param subject its name
     * @param validity from when to when
     * @param sha256 fingerprint
     * @param sha1 fingerprint, to compare on older devices
     * @param signs what it may sign, one line each
     * @param files to download
     */
    record Shown(
        String title,
        String note,
        String subject,
        String validity,
        String sha256,
        String sha1,
        List<String> signs,
        List<File> files) {}

    /**
     * A form of the certificate.
     *
     * @param label what it is
     * @param link where it is
     */
    record File(String label, String link) {}
  }
}
