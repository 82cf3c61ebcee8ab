package org.tlsuplift.server.config.check;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.policy.MailPolicy;
import org.tlsuplift.proxy.mail.policy.RewriteFrom;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.SmtpReach;
import org.tlsuplift.server.config.yaml.Problems;

/**
 * Checks the rules for messages against the routes.
 *
 * <p>An origin that recognises this machine by a client certificate accepts every sender of the
 * organisation. So a listener that leads there must name the senders of its devices.
 */
final class MailPolicyChecks {
  private final String path;
  private final ListenerConfig listener;
  private final Problems problems;

  private MailPolicyChecks(String path, ListenerConfig listener, Problems problems) {
    this.path = path;
    this.listener = listener;
    this.problems = problems;
  }

  /**
   * Checks one listener.
   *
   * @param path its key, such as {@code listeners[0]}
   */
  static void check(String path, ListenerConfig listener, RouteTable table, Problems problems) {
    MailPolicyChecks checks = new MailPolicyChecks(path, listener, problems);
    checks.senders(table);
    checks.tunnel(table);
    checks.mailbox();
  }

  private void senders(RouteTable table) {
    MailPolicy mail = listener.mail();
    String certificate = certificate(table);
    if (certificate != null
        && (mail == null || mail.allowedSenders().isEmpty())
        && problems.clean(path + ".mail")
        && problems.clean(path + ".origin")) {
      problems.error(
          path + ".mail.allowedSenders",
          "missing, and the route to "
              + certificate
              + " presents a client certificate: each device could send as anyone in your"
              + " organization",
          "a list of mail addresses",
          (listener.accept() == ListenerConfig.Accept.FIXED
                      && listener.protocol() != ListenerConfig.Protocol.SMTP
                  ? "write 'protocol: smtp', and "
                  : "")
              + "list the senders of these devices, such as [scanner@contoso.com]");
    }
  }

  /** The client certificate that a mail device of this listener may use, or null. */
  private @Nullable String certificate(RouteTable table) {
    HostPort origin = listener.origin();
    if (listener.accept() == ListenerConfig.Accept.FIXED) {
      return origin != null
              && SmtpReach.isFixedTo(listener, origin)
              && table.decideBridge(origin) instanceof RouteDecision.Bridge bridge
          ? bridge.clientCertificate()
          : null;
    }
    return table.routes().stream()
        .filter(
            route ->
                route.clientCertificate() != null
                    && route.action() == Action.BRIDGE
                    && SmtpReach.isNamedBy(route))
        .map(Route::clientCertificate)
        .findFirst()
        .orElse(null);
  }

  private void mailbox() {
    MailPolicy mail = listener.mail();
    if (mail != null
        && mail.rewriteFrom() != null
        && mail.rewriteFrom().address().equals(RewriteFrom.MAILBOX)
        && !listener.signIn()
        && problems.clean(path + ".signIn")) {
      problems.error(
          path + ".mail.rewriteFrom.address",
          "got 'mailbox'",
          "a mail address",
          "write the address, or 'signIn: true': other devices have no mailbox here");
    }
  }

  /** Messages cannot be read in a tunnel. */
  private void tunnel(RouteTable table) {
    if (listener.mail() == null || !problems.clean(path + ".mail")) {
      return;
    }
    if (listener.whenModern() == WhenModern.TUNNEL && problems.clean(path + ".whenModern")) {
      problems.error(
          path + ".whenModern",
          "got 'tunnel'",
          "bridge, or no key 'mail'",
          "messages cannot be checked in a tunnel");
    }
    HostPort origin = listener.origin();
    if (origin != null
        && problems.clean(path + ".origin")
        && table.decideBridge(origin) instanceof RouteDecision.Deny deny) {
      problems.error(
          path + ".mail",
          "messages cannot be checked",
          "a route with 'action: bridge'",
          deny.detail());
    }
  }
}
