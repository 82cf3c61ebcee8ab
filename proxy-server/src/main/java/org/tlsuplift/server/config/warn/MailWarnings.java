package org.tlsuplift.server.config.warn;

import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.yaml.Problems;

/** Warns of mail listeners that run, but will hardly reach anybody, or tell too much. */
final class MailWarnings {
  private static final HostPort NO_SUCH_PORT = new HostPort("smtp.office365.com", 465);

  private final String path;
  private final ListenerConfig listener;
  private final Problems problems;

  private MailWarnings(String path, ListenerConfig listener, Problems problems) {
    this.path = path;
    this.listener = listener;
    this.problems = problems;
  }

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
          "'" + origin + "' does not exist: Microsoft has no implicit TLS for SMTP",
          "write 'smtp.office365.com:587' and 'upstreamTls: starttls'; the device may use implicit"
              + " TLS all the same, with 'downstreamTls: implicit'");
      return;
    }
    MailService.ofPort(origin.port()).ifPresent(usual -> usualAt(origin, usual));
  }

  private void usualAt(HostPort origin, MailService usual) {
    String protocol = usual.protocol().label();
    OriginTls upstreamTls = listener.upstreamTls();
    if (listener.protocol() == ListenerConfig.Protocol.TLS) {
      if (usual.originTls() == OriginTls.STARTTLS) {
        problems.warning(
            path + ".protocol",
            "'tls' does not fit port " + origin.port() + ", where TLS begins by STARTTLS",
            "write 'protocol: " + protocol + "'");
      }
    } else if (!listener.protocol().label().equals(protocol)) {
      problems.warning(
          path + ".protocol",
          "'" + listener.protocol().label() + "' does not fit port " + origin.port(),
          "that port is for " + protocol + "; check the origin");
    } else if (upstreamTls != null && upstreamTls != usual.originTls()) {
      problems.warning(
          path + ".upstreamTls",
          "'" + upstreamTls.label() + "' does not fit port " + origin.port(),
          "origins expect '" + usual.originTls().label() + "' there");
    }
  }

  private void plaintext() {
    if (listener.allowPlaintext()) {
      problems.warning(
          path + ".allowPlaintext",
          "'true' lets devices send passwords and mail in plaintext as far as here",
          "keep it for devices that know no TLS, on a network of theirs; who uses it is counted in"
              + " tlsuplift_plaintext_sessions_total");
    }
  }
}
