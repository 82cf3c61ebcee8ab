package org.tlsuplift.server.config;

import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.config.binding.Problems;

/** Warns about mail listeners that probably reach no origin, or that expose passwords. */
record MailWarnings(String path, ListenerConfig listener, Problems problems) {
  private static final HostPort NO_SUCH_PORT = new HostPort("smtp.office365.com", 465);

  static void check(String path, ListenerConfig listener, Problems problems) {
    MailWarnings warnings = new MailWarnings(path, listener, problems);
    HostPort origin = listener.origin();
    if (origin != null) {
      warnings.origin(origin);
    }
    warnings.plaintext();
  }

  private void origin(HostPort origin) {
    if (origin.equals(NO_SUCH_PORT)) {
      problems.warning(
          path + ".origin",
          "'" + origin + "' does not exist: Microsoft offers no implicit TLS for SMTP",
          "write 'smtp.office365.com:587' and 'upstreamTls: starttls'; devices can still use"
              + " implicit TLS with 'downstreamTls: implicit'");
      return;
    }
    MailService.ofPort(origin.port()).ifPresent(usual -> usualAt(origin, usual));
  }

  private void usualAt(HostPort origin, MailService usual) {
    String protocol = usual.protocol().label();
    OriginTls upstreamTls = listener.service().upstreamTls();
    if (listener.service().protocol() == ListenerConfig.Protocol.TLS) {
      if (usual.originTls() == OriginTls.STARTTLS) {
        problems.warning(
            path + ".protocol",
            "'tls' does not fit port " + origin.port() + ", where TLS starts with STARTTLS",
            "write 'protocol: " + protocol + "'");
      }
    } else if (!listener.service().protocol().label().equals(protocol)) {
      problems.warning(
          path + ".protocol",
          "'" + listener.service().protocol().label() + "' does not fit port " + origin.port(),
          "the port is for " + protocol + "; correct the protocol or the origin");
    } else if (upstreamTls != null && upstreamTls != usual.originTls()) {
      problems.warning(
          path + ".upstreamTls",
          "'" + upstreamTls.label() + "' does not fit port " + origin.port(),
          "write '" + usual.originTls().label() + "', which origins expect there");
    }
  }

  private void plaintext() {
    if (listener.service().allowPlaintext()) {
      problems.warning(
          path + ".allowPlaintext",
          "'true' lets devices send passwords and mail to the proxy in plaintext",
          "use it only for devices without TLS, in an isolated network;"
              + " tlsuplift_plaintext_sessions_total counts their sessions");
    }
  }
}
