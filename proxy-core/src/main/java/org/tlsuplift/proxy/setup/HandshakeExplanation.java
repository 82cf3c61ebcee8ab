package org.tlsuplift.proxy.setup;

import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.tls.LegacyTls;
import org.tlsuplift.proxy.tls.TlsEngine;
import org.tlsuplift.proxy.tls.failure.DeviceFailures;

/** Explains a failed device handshake with the TLS engine, and the listener's CA and profile. */
final class HandshakeExplanation {
  private HandshakeExplanation() {}

  static Explanation of(DeviceFailures failure, TlsEngine engine, SessionContext context) {
    ClientHello hello = context.facts().hello();
    if (failure.outcome() == HandshakeOutcome.PROTOCOL_ERROR
        && hello != null
        && hello.length() > engine.maxHello()) {
      return Explanation.of(
          "the ClientHello has %d bytes; %s reads at most %d"
              .formatted(hello.length(), engine.label(), engine.maxHello()),
          weakerProfile(context));
    }
    return switch (failure.outcome()) {
      case NO_SHARED_VERSION, NO_SHARED_CIPHER ->
          new Explanation(
              failure.cause(),
              failure.remedy().isEmpty() ? weakerProfile(context) : failure.remedy(),
              (failure.detail().isEmpty() ? "" : failure.detail() + "; ")
                  + "the listener allows "
                  + context.spec().profile().allowed());
      case CERTIFICATE_REJECTED, CLOSED ->
          Explanation.of(
              failure.cause(), failure.remedy().isEmpty() ? trust(context) : failure.remedy());
      default -> Explanation.of(failure.cause(), failure.remedy());
    };
  }

  /** What helps a device that does not trust its certificate; empty for the usual CA. */
  static String trust(SessionContext context) {
    if (!context.services().certificates().of(context.spec()).ownNames().isEmpty()) {
      return "append missing intermediate certificates to 'certificate', or use an issuer that the device knows";
    }
    return context.services().certificates().hasOwn(context.spec())
        ? "install this listener's CA: 'tls-uplift ca export --listener "
            + context.spec().name()
            + "'"
        : "";
  }

  private static String weakerProfile(SessionContext context) {
    ClientHello hello = context.facts().hello();
    return hello == null
        ? ""
        : LegacyTls.weakerProfileFor(hello, context.spec().profile())
            .map(profile -> "give the device a listener with 'profile: " + profile + "'")
            .orElse("");
  }
}
