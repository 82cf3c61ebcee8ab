package org.tlsuplift.server.config;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.RewriteFrom;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.server.config.binding.OfListener;
import org.tlsuplift.server.config.binding.Problems;

/**
 * Checks the rules for messages against the routes.
 *
 * <p>An origin that recognises this machine by a client certificate accepts every sender of the
 * organization, and an origin that receives mail on port 25 may accept every sender. So a listener
 * that leads there must name the senders of its devices.
 *
 * @param inherits whether the rules are those of all listeners
 */
record MailPolicyChecks(String path, ListenerConfig listener, boolean inherits, Problems problems) {
  /**
   * Checks one listener.
   *
   * @param path its key, such as {@code listeners[0]}
   */
  @SuppressWarnings("ReferenceEquality") // A listener may have equal rules of its own.
  static void check(
      String path,
      ListenerConfig listener,
      ServerConfig config,
      RouteTable table,
      Problems problems) {
    boolean inherits = config.mail() != null && listener.mail() == config.mail();
    MailPolicyChecks checks = new MailPolicyChecks(path, listener, inherits, problems);
    checks.senders(table);
    checks.tunnel(table);
    checks.mailbox();
    checks.parts(config.database() != null && config.database().keyFile() == null);
  }

  private void senders(RouteTable table) {
    MailConfig mail = listener.mail();
    if ((mail != null && !mail.allowedSenders().isEmpty())
        || !problems.clean(path + ".mail")
        || !problems.clean("mail")
        || !problems.clean(path + ".origin")) {
      return;
    }
    String certificate = certificate(table);
    String receiving = SmtpReach.receiving(listener, table);
    boolean fixed = listener.access().accept() == ListenerConfig.Accept.FIXED;
    String protocol =
        fixed && listener.service().protocol() != ListenerConfig.Protocol.SMTP
            ? "'protocol: smtp', and "
            : "";
    if (certificate != null) {
      problems.error(
          path + ".mail.allowedSenders",
          "missing, and the route to %s presents a client certificate: each device could send as anyone in your organization"
              .formatted(certificate),
          "a list of mail addresses",
          (protocol.isEmpty() ? "" : "write " + protocol)
              + "list the senders of these devices, such as [scanner@contoso.com]");
    } else if (receiving != null) {
      problems.error(
          path + ".mail.allowedSenders",
          "missing",
          protocol + "the senders of these devices, such as [scanner@contoso.com]",
          (fixed ? "" : "or leave port 25 out of " + receiving + ": ")
              + "mail servers ask for no sign-in on port 25, so each device could send as anyone");
    }
  }

  /** The client certificate that a mail device of this listener may use, or null. */
  private @Nullable String certificate(RouteTable table) {
    HostPort origin = listener.origin();
    if (listener.access().accept() == ListenerConfig.Accept.FIXED) {
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
    MailConfig mail = listener.mail();
    String key = (inherits ? "" : path + ".") + "mail.rewriteFrom.address";
    if (mail != null
        && mail.rewriteFrom() != null
        && mail.rewriteFrom().address().equals(RewriteFrom.MAILBOX)
        && !listener.signIn()
        && problems.clean(path + ".signIn")
        && problems.clean(key)) {
      problems.error(
          key,
          "got 'mailbox'",
          "a mail address",
          inherits
              ? "write the address, or give listener '"
                  + listener.name()
                  + "' a 'mail' of its own: its devices have no mailbox here"
              : "write the address, or 'signIn: true': other devices have no mailbox here");
    }
  }

  private void parts(boolean needsKeyFile) {
    if (listener.mail() != null) {
      OfListener.Surroundings at =
          new OfListener.Surroundings(
              path,
              (inherits ? "" : path + ".") + "mail",
              listener.name(),
              listener.access().accept() == ListenerConfig.Accept.FIXED,
              listener.signIn(),
              needsKeyFile);
      listener.mail().parts().forEach(part -> part.check(at, problems));
    }
  }

  /**
   * Messages cannot be read in a tunnel. Devices that use SMTP are never tunnelled where there are
   * rules, so a listener for any destination may tunnel the others if the rules are those of all.
   */
  private void tunnel(RouteTable table) {
    if (listener.mail() == null || !problems.clean(path + ".mail")) {
      return;
    }
    if (listener.whenModern() == WhenModern.TUNNEL
        && !(inherits && listener.access().accept() != ListenerConfig.Accept.FIXED)
        && problems.clean(path + ".whenModern")) {
      problems.error(
          path + ".whenModern",
          "got 'tunnel'",
          inherits ? "bridge" : "bridge, or no key 'mail'",
          "messages cannot be checked in a tunnel"
              + (inherits ? ", and the 'mail' of all listeners has rules for them" : ""));
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
