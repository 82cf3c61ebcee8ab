package org.tlsuplift.proxy.session;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.route.RouteTable;

/**
 * The route of a mail device, decided before its first command.
 *
 * @param denied the refusal, or null if the conversation may begin
 * @param bridge the bridge, or null if TLS with the origin starts after the device requests TLS
 * @param greeting the host name in the greeting
 */
record MailRoute(
    RouteDecision.@Nullable Deny denied, RouteDecision.@Nullable Bridge bridge, String greeting) {
  /** How long the proxy waits for TLS before it sends the greeting. */
  static final Duration TLS_AT_ONCE = Duration.ofMillis(500);

  private static final Duration AFTER_PROXY = Duration.ofMillis(200);

  static MailRoute of(ListenerSpec spec, MailService mail, HostPort target, RouteTable routes) {
    if (spec.accept() instanceof AcceptMode.Transparent) {
      List<String> names = routes.forAddresses().names(target);
      return new MailRoute(
          routes.forAddresses().precheck(target).orElse(null),
          null,
          names.isEmpty() ? target.host() : names.get(0));
    }
    // Whether TLS with the origin must start before the device requests TLS.
    boolean securedFirst =
        mail.originTls() == OriginTls.IMPLICIT || mail.allowPlaintext() || spec.signIn() != null;
    RouteDecision decision =
        securedFirst ? routes.decideBridge(target) : routes.precheck(target).orElse(null);
    return new MailRoute(
        decision instanceof RouteDecision.Deny deny ? deny : null,
        decision instanceof RouteDecision.Bridge secured ? secured : null,
        target.host());
  }

  /**
   * Returns the delay of the greeting. After an HTTP CONNECT or SOCKS response, the greeting waits
   * 200 ms. With other proxies it arrives at least one round trip after the response, and devices
   * rely on that: openssl s_client loses a greeting that arrives together with the response.
   */
  static Duration greetAfter(MailService mail, AcceptMode accept) {
    if (mail.deviceTls() == DeviceTls.OPTIONAL) {
      return TLS_AT_ONCE;
    }
    return accept instanceof AcceptMode.HttpConnect || accept instanceof AcceptMode.Socks
        ? AFTER_PROXY
        : Duration.ZERO;
  }
}
