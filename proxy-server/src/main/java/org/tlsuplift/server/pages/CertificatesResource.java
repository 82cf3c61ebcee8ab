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
        title(trustedAuthority),
        note(trustedAuthority),
        anchor.getSubjectX500Principal().toString(),
        PageText.minute(anchor.getNotBefore().toInstant())
            + " to "
            + PageText.minute(trustedAuthority.ca().expiresAt())
            + " UTC",
        CaExport.sha256(anchor),
        CaExport.sha1(anchor),
        constraints.isEmpty() ? List.of("for any name: it has no name constraints") : constraints,
        formats(trustedAuthority)
            .map(
                format ->
                    new CertificatePage.File(
                        label(format),
                        NavigationItem.CERTIFICATES.path() + "/" + file(trustedAuthority, format)))
            .toList());
  }

  private static String title(TrustedAuthority trustedAuthority) {
    String scope =
        trustedAuthority.listener().map(name -> "the listener " + name).orElse("all listeners");
    return switch (trustedAuthority.state()) {
      case SIGNING -> "Signs now, for " + scope;
      case STAGED -> "Staged, for " + scope;
      case PREVIOUS -> "Signed before, for " + scope;
    };
  }

  private static String note(TrustedAuthority trustedAuthority) {
    String since =
        Optional.ofNullable(trustedAuthority.since()).map(PageText::minute).orElse("") + " UTC";
    String option = trustedAuthority.listener().map(name -> " --listener " + name).orElse("");
    return switch (trustedAuthority.state()) {
      case SIGNING ->
          trustedAuthority
              .listener()
              .map(name -> "The devices of this listener need this one, and no other device does.")
              .orElse("Each device needs it that uses a listener without a CA of its own.");
      case STAGED ->
          "Staged since %s. It does not sign yet: install it beside the one that signs now, then run 'tls-uplift ca activate%s'."
              .formatted(since, option);
      case PREVIOUS ->
          "It stopped signing on %s. 'tls-uplift ca undo%s' goes back to it; 'tls-uplift ca retire%s' erases its key."
              .formatted(since, option, option);
    };
  }

  /** None of the one before, which no device needs any longer. */
  private static Stream<CaExport.Format> formats(TrustedAuthority trustedAuthority) {
    return trustedAuthority.state() == TrustedAuthority.State.PREVIOUS
        ? Stream.empty()
        : Arrays.stream(CaExport.Format.values());
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
    return trustedAuthority.fileName() + "." + format.extension();
  }

  /** The file of a name; empty for none. */
  Optional<Response> file(String name) {
    return authorities.get().stream()
        .flatMap(
            trustedAuthority ->
                formats(trustedAuthority)
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
