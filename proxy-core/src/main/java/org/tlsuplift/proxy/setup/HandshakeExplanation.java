package org.tlsuplift.proxy.setup;

import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.tls.LegacyTls;
import org.tlsuplift.proxy.tls.failure.DeviceFailures;

/** Explains a failed device handshake with the listener's CA and TLS profile. */
final class HandshakeExplanation {
  private HandshakeExplanation() {}

  static Explanation of(DeviceFailures failure, SessionContext context) {
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
              failure.cause(), failure.remedy().isEmpty() ? ownCa(context) : failure.remedy());
      default -> Explanation.of(failure.cause(), failure.remedy());
    };
  }

  private static String ownCa(SessionContext context) {
    if (!context.services().certificates().of(context.spec()).ownNames().isEmpty()) {
      return "the device does not trust the issuer of the certificate in 'certificate' of this listener: add missing intermediate certificates to it, or use an issuer that the device knows";
    }
    return context.services().certificates().hasOwn(context.spec())
        ? "install this listener's CA: 'tls-uplift ca export --listener "
            + context.spec().name()
            + "'"
        : "";
  }

  private static String weakerProfile(SessionContext context) {
    ClientHello hello = context.report().hello();
    return hello == null
        ? ""
        : LegacyTls.weakerProfileFor(hello, context.spec().profile())
            .map(profile -> "give the device a listener with 'profile: " + profile + "'")
            .orElse("");
  }
}
