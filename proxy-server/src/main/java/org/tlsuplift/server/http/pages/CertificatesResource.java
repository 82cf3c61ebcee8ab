package org.tlsuplift.server.http.pages;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.authority.CaExport;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.NavigationItem;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;

/** The certificates that devices must trust: the page about them, and their files. Thread-safe. */
public final class CertificatesResource implements FeaturePages {
  private final Supplier<List<TrustedAuthority>> authorities;
  private final AuthorityControl control;
  private final AdminReach reach;
  private final Clock clock;
  private volatile @Nullable Instant downloaded;

  /**
   * @param authorities the CAs that devices must trust, the one for all listeners first
   * @param control replaces these CAs
   */
  public CertificatesResource(
      Supplier<List<TrustedAuthority>> authorities,
      AuthorityControl control,
      AdminReach reach,
      Clock clock) {
    this.authorities = authorities;
    this.control = control;
    this.reach = reach;
    this.clock = clock;
  }

  @Override
  public List<NavigationItem> navigation() {
    return List.of(Navigation.CERTIFICATES);
  }

  @Override
  public Group group(PageRenderer renderer) {
    CaForms forms = new CaForms(control, renderer);
    String path = Navigation.CERTIFICATES.path();
    return new Group(
        List.of(
            new ResourcePath(
                path, request -> renderer.page("certificates", page(renderer, forms, request))),
            new ResourcePath(
                path + "/{file}",
                request -> file(request.variable()).orElseGet(() -> missing(renderer, request)))),
        forms.actions());
  }

  private static Response missing(PageRenderer renderer, Request request) {
    return renderer.problem(
        404,
        "No such certificate",
        "There is no certificate " + PageText.visible(request.variable()) + ".");
  }

  /** When somebody last downloaded a certificate; empty if nobody has since the start. */
  public Optional<Instant> downloaded() {
    return Optional.ofNullable(downloaded);
  }

  private CertificatePage page(PageRenderer renderer, CaForms forms, Request request) {
    List<TrustedAuthority> all = authorities.get();
    Optional<String> address = reach.address(PageHost.of(request), Navigation.CERTIFICATES.path());
    return new CertificatePage(
        renderer.frame(request, "CA certificate", Navigation.CERTIFICATES),
        all.stream()
            .map(each -> new CertificatePage.Shown(each, forms.state(each), isAlone(each, all)))
            .toList(),
        forms.onPage(request),
        address.orElse(""),
        address.map(QrImage::of).orElse(null),
        reach.local(),
        InstallGuide.all().stream().map(guide -> guide(guide, all)).toList());
  }

  private static boolean isAlone(TrustedAuthority authority, List<TrustedAuthority> all) {
    return all.stream().filter(each -> each.listener().equals(authority.listener())).count() == 1;
  }

  /** A guide with the files of the CA for all listeners, which most devices need. */
  private static CertificatePage.Guide guide(InstallGuide guide, List<TrustedAuthority> all) {
    return new CertificatePage.Guide(
        guide,
        all.stream()
            .filter(each -> each.listener().isEmpty())
            .filter(each -> formats(each).anyMatch(guide.file()::equals))
            .map(
                each ->
                    new CertificatePage.File(
                        (each.state() == TrustedAuthority.State.STAGED
                                ? "Download the staged ."
                                : "Download .")
                            + guide.file().extension(),
                        link(each, guide.file())))
            .toList());
  }

  /** None for the previous CA, because no device needs it any longer. */
  private static Stream<CaExport.Format> formats(TrustedAuthority trustedAuthority) {
    return trustedAuthority.state() == TrustedAuthority.State.PREVIOUS
        ? Stream.empty()
        : Arrays.stream(CaExport.Format.values());
  }

  private static String day(Instant moment) {
    return PageText.day(LocalDate.ofInstant(moment, ZoneOffset.UTC));
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
      // The type that browsers expect; RFC 2585 section 4.1 has another one for a bare certificate.
      case DER -> "application/x-x509-ca-cert";
      case PKCS7 -> "application/x-pkcs7-certificates";
    };
  }

  private static String link(TrustedAuthority trustedAuthority, CaExport.Format format) {
    return Navigation.CERTIFICATES.path() + "/" + file(trustedAuthority, format);
  }

  /** The names are those of 'tls-uplift ca export'. */
  private static String file(TrustedAuthority trustedAuthority, CaExport.Format format) {
    return trustedAuthority.fileName() + "." + format.extension();
  }

  /** The response with the file of this name; empty if there is none. */
  private Optional<Response> file(String name) {
    Optional<Response> file = file(authorities.get(), name);
    if (file.isPresent()) {
      downloaded = clock.instant();
    }
    return file;
  }

  private static Optional<Response> file(List<TrustedAuthority> authorities, String name) {
    return authorities.stream()
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
        .asFile(file(trustedAuthority, format));
  }

  /**
   * The texts of the page about certificates.
   *
   * @param frame around it
   * @param authorities the CAs that devices must trust
   * @param steps to replace them
   * @param address of this page for a phone; empty if there is none
   * @param qr the same as an image, or null
   * @param local whether only this machine can reach the page
   * @param guides how to install a certificate
   */
  public record CertificatePage(
      PageFrame frame,
      List<Shown> authorities,
      CaForms.OnPage steps,
      String address,
      @Nullable QrImage qr,
      boolean local,
      List<Guide> guides) {
    /**
     * The card with the guide for a maker's devices.
     *
     * @param files in the format that the devices accept: of the CA that signs, and of a staged one
     */
    public record Guide(InstallGuide guide, List<File> files) {}

    /**
     * A CA.
     *
     * @param version changes with the CA; empty if it cannot be replaced here
     * @param alone whether no other CA is kept for the same listeners
     */
    public record Shown(TrustedAuthority authority, String version, boolean alone) {
      X509Certificate anchor() {
        return authority.ca().anchor();
      }

      /** Whether it signs, and for which listeners. */
      String title() {
        String scope =
            authority.listener().map(name -> "the listener " + name).orElse("all listeners");
        return switch (authority.state()) {
          case SIGNING -> "Signs now, for " + scope;
          case STAGED -> "Staged, for " + scope;
          case PREVIOUS -> "Signed before, for " + scope;
        };
      }

      /** Which devices need it. */
      String note() {
        String since =
            Optional.ofNullable(authority.since()).map(PageText::minute).orElse("") + " UTC";
        String option = authority.listener().map(name -> " --listener " + name).orElse("");
        return switch (authority.state()) {
          case SIGNING ->
              authority.listener().isPresent()
                  ? "Only devices of this listener need it."
                  : "Devices need it unless their listener has its own CA.";
          case STAGED ->
              "Staged since %s. It does not sign yet: install it in addition to the one that signs now, then run 'tls-uplift ca activate%s'."
                  .formatted(since, option);
          case PREVIOUS ->
              "It stopped signing on %s. 'tls-uplift ca undo%s' goes back to it; 'tls-uplift ca retire%s' erases its key."
                  .formatted(since, option, option);
        };
      }

      /** The class of its colour. */
      String tone() {
        return switch (authority.state()) {
          case SIGNING -> "good";
          case STAGED -> "warn";
          case PREVIOUS -> "calm";
        };
      }

      /** The first and the last day. */
      String validity() {
        return day(anchor().getNotBefore().toInstant()) + " to " + day(authority.ca().expiresAt());
      }

      /** The names that it may sign, each one line. */
      List<String> signs() {
        List<String> constraints = authority.ca().nameConstraints();
        return constraints.isEmpty()
            ? List.of("any name: it has no name constraints")
            : constraints;
      }

      /** To download. */
      List<File> files() {
        return formats(authority)
            .map(format -> new File(label(format), link(authority, format)))
            .toList();
      }
    }

    /**
     * A file with the certificate.
     *
     * @param label its format, or what its link does
     * @param link its address
     */
    public record File(String label, String link) {}
  }
}
