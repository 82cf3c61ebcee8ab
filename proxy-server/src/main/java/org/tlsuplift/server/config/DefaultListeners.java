package org.tlsuplift.server.config;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.session.HostPort;

/** The ports that are open where the operator has named none. */
final class DefaultListeners {
  private static final HostPort SUBMISSION = new HostPort("smtp.office365.com", 587);
  private static final MailKeys IMAPS =
      new MailKeys(
          ServerConfig.Protocol.IMAP, DeviceTls.IMPLICIT, OriginTls.IMPLICIT, false, false);
  private static final MailKeys POP3S =
      new MailKeys(
          ServerConfig.Protocol.POP3, DeviceTls.IMPLICIT, OriginTls.IMPLICIT, false, false);

  static final List<ServerConfig.Listener> ALL =
      List.of(
          listener("web", 3128, ServerConfig.Accept.HTTP_CONNECT, null, MailKeys.NO_MAIL),
          fixed("outlook", 8443, outlook(443), MailKeys.NO_MAIL),
          fixed("submission", 2587, SUBMISSION, smtp(DeviceTls.STARTTLS)),
          // Microsoft has no port 465: what comes in there goes out by STARTTLS.
          fixed("smtps", 2465, SUBMISSION, smtp(DeviceTls.IMPLICIT)),
          fixed("imaps", 2993, outlook(993), IMAPS),
          fixed("pop3s", 2995, outlook(995), POP3S));

  private DefaultListeners() {}

  private static HostPort outlook(int port) {
    return new HostPort("outlook.office365.com", port);
  }

  private static MailKeys smtp(DeviceTls downstreamTls) {
    return new MailKeys(
        ServerConfig.Protocol.SMTP, downstreamTls, OriginTls.STARTTLS, false, false);
  }

  private static ServerConfig.Listener fixed(
      String name, int port, HostPort origin, MailKeys mail) {
    return listener(name, port, ServerConfig.Accept.FIXED, origin, mail);
  }

  private static ServerConfig.Listener listener(
      String name, int port, ServerConfig.Accept accept, @Nullable HostPort origin, MailKeys mail) {
    return new ServerConfig.Listener(
        name,
        List.of(new BindAddress("0.0.0.0", port)),
        false,
        null,
        accept,
        null,
        List.of(),
        origin,
        mail.protocol(),
        mail.downstreamTls(),
        mail.upstreamTls(),
        mail.allowPlaintext(),
        mail.signIn(),
        ServerConfig.Profile.LEGACY,
        List.of(),
        null,
        List.of(),
        null,
        null);
  }
}
