package org.tlsuplift.server.doctor;

import io.netty.util.concurrent.Future;
import java.security.cert.X509Certificate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.dialogue.OriginExchange;
import org.tlsuplift.proxy.upstream.TlsMailOrigin;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;
import org.tlsuplift.server.feature.Diagnosis;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.feature.Findings;

/** Checks the steps from an origin's name to its capabilities under TLS. */
record OriginCheck(MailOriginConnection way, Findings findings) {
  private static final Pattern XOAUTH2 = Pattern.compile("\\bXOAUTH2\\b", Pattern.CASE_INSENSITIVE);

  /**
   * Checks all steps up to the first failure.
   *
   * @param credential what the proxy signs devices in with
   */
  void examine(OriginCredential credential) throws InterruptedException {
    if (!name()) {
      return;
    }
    TlsMailOrigin origin = way.client().reach();
    origin.capabilities().await();
    if (origin.capabilities().isSuccess()) {
      List<String> capabilities = origin.capabilities().getNow();
      reached(way.client().connection(origin).await());
      switch (credential) {
        case NONE -> {}
        case TOKEN -> mechanism(capabilities);
        case PASSWORD -> passwords(capabilities);
      }
    } else {
      unreached(origin.capabilities().cause());
    }
  }

  private boolean name() throws InterruptedException {
    String via = way.via();
    if (via != null) {
      findings.add(Finding.skipped(PathStep.NAME, via + " resolves " + way.origin().host()));
      return true;
    }
    try {
      findings.add(
          Finding.ok(
              PathStep.NAME,
              way.origin().host()
                  + " is "
                  + way.resolve().stream()
                      .map(address -> address.getAddress().getHostAddress())
                      .distinct()
                      .collect(Collectors.joining(", "))));
      return true;
    } catch (OperatorException unresolved) {
      findings.add(
          Finding.failed(
              PathStep.NAME,
              diagnosis(CloseReason.ORIGIN_UNRESOLVED),
              String.valueOf(unresolved.getMessage())));
      return false;
    }
  }

  private void reached(Future<OriginConnection> connected) {
    if (!connected.isSuccess()) {
      unreached(connected.cause());
      return;
    }
    OriginConnection connection = connected.getNow();
    findings.add(Finding.ok(PathStep.CONNECTION, "to " + connection.channel().remoteAddress()));
    startTlsTaken();
    OriginHandshake handshake = connection.handshake();
    TlsParameters agreed = handshake == null ? null : handshake.agreed();
    if (agreed != null) {
      findings.add(
          Finding.ok(PathStep.TLS, agreed.version().label() + ", " + agreed.cipherSuite()));
    }
    List<X509Certificate> chain = connection.chain();
    if (!chain.isEmpty()) {
      X509Certificate shown = chain.get(0);
      findings.add(
          Finding.ok(
              PathStep.CERTIFICATE,
              "for "
                  + way.origin().host()
                  + ", by "
                  + shown.getIssuerX500Principal().getName()
                  + ", until "
                  + shown.getNotAfter().toInstant()));
    }
    connection.channel().close().awaitUninterruptibly();
  }

  private void startTlsTaken() {
    findings.add(
        way.mail().originTls() == OriginTls.STARTTLS
            ? Finding.ok(PathStep.STARTTLS, "offered and used")
            : Finding.skipped(PathStep.STARTTLS, "the port starts with TLS"));
  }

  /** What the proxy signs in with at the origin. */
  enum OriginCredential {
    /** Devices sign in themselves. */
    NONE,
    TOKEN,
    PASSWORD
  }

  private void passwords(List<String> capabilities) {
    Set<String> offered = OriginExchange.mechanisms(way.mail().protocol(), capabilities);
    String usable =
        offered.stream()
            .filter(Set.of("PLAIN", "LOGIN")::contains)
            .sorted(Comparator.reverseOrder())
            .collect(Collectors.joining(" and "));
    findings.add(
        usable.isEmpty()
            ? Finding.failed(
                PathStep.MECHANISM,
                Diagnosis.of(
                    PathFailure.NO_PASSWORD_SIGN_IN,
                    "check 'origin' and the port of the listener: this server accepts no passwords there"),
                "the origin offers "
                    + (offered.isEmpty() ? "no sign-in" : String.join(" ", new TreeSet<>(offered))))
            : Finding.ok(PathStep.MECHANISM, usable + " offered"));
  }

  private void mechanism(List<String> capabilities) {
    if (capabilities.stream().anyMatch(line -> XOAUTH2.matcher(line).find())) {
      findings.add(Finding.ok(PathStep.XOAUTH2, "offered"));
    } else {
      String offered =
          capabilities.stream()
              .filter(line -> line.toUpperCase(Locale.ROOT).matches("(AUTH|SASL)\\b.*"))
              .limit(4)
              .collect(Collectors.joining("; "));
      findings.add(
          Finding.failed(
              PathStep.XOAUTH2,
              Diagnosis.of(
                  PathFailure.NO_XOAUTH2,
                  "signIn is for Exchange Online: check 'origin' of the listener; a firewall that inspects TLS may have removed XOAUTH2"),
              "the origin offers " + (offered.isEmpty() ? "no sign-in" : "'" + offered + "'")));
    }
  }

  private void unreached(Throwable cause) {
    CloseReason reason =
        cause instanceof OriginUnavailableException known
            ? known.reason()
            : CloseReason.ORIGIN_UNREACHABLE;
    PathStep step = step(reason);
    if (step.compareTo(PathStep.CONNECTION) > 0) {
      findings.add(Finding.ok(PathStep.CONNECTION, "to " + way.origin()));
    }
    if (step.compareTo(PathStep.STARTTLS) > 0) {
      startTlsTaken();
    }
    if (step.compareTo(PathStep.TLS) > 0) {
      findings.add(Finding.ok(PathStep.TLS, "agreed"));
    }
    findings.add(
        Finding.failed(step, diagnosis(reason), String.valueOf(cause.getMessage()).strip()));
  }

  private PathStep step(CloseReason reason) {
    return switch (failureKind(reason)) {
      case NAME_UNKNOWN -> PathStep.NAME;
      case NO_STARTTLS -> PathStep.STARTTLS;
      case TLS_TOO_OLD, TLS_FAILED -> PathStep.TLS;
      case CERTIFICATE -> PathStep.CERTIFICATE;
      case ORIGIN_REFUSES ->
          way.mail().originTls() == OriginTls.STARTTLS ? PathStep.STARTTLS : PathStep.XOAUTH2;
      default -> PathStep.CONNECTION;
    };
  }

  private static Diagnosis diagnosis(CloseReason reason) {
    return Diagnosis.of(failureKind(reason), reason.advice());
  }

  static PathFailure failureKind(CloseReason reason) {
    return switch (reason) {
      case ORIGIN_UNRESOLVED -> PathFailure.NAME_UNKNOWN;
      case ORIGIN_BELOW_FLOOR -> PathFailure.TLS_TOO_OLD;
      case ORIGIN_CERTIFICATE_INVALID, ORIGIN_CERTIFICATE_REVOKED, ORIGIN_REVOCATION_UNKNOWN ->
          PathFailure.CERTIFICATE;
      case ORIGIN_HANDSHAKE_FAILED, ORIGIN_SIGNATURE_WEAK, PLAINTEXT_AFTER_STARTTLS ->
          PathFailure.TLS_FAILED;
      case ORIGIN_STARTTLS_UNAVAILABLE -> PathFailure.NO_STARTTLS;
      case ORIGIN_REFUSED, ORIGIN_PROTOCOL_ERROR -> PathFailure.ORIGIN_REFUSES;
      default -> PathFailure.UNREACHABLE;
    };
  }
}
