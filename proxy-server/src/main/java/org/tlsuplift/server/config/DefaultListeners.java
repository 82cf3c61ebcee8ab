package org.tlsuplift.server.config;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;

/** The ports that are open where the operator has named none. */
final class DefaultListeners {
  private static final HostPort SUBMISSION = new HostPort("smtp.office365.com", 587);
  private static final MailKeys IMAPS =
      new MailKeys(
          ListenerConfig.Protocol.IMAP, DeviceTls.IMPLICIT, OriginTls.IMPLICIT, false, false);
  private static final MailKeys POP3S =
      new MailKeys(
          ListenerConfig.Protocol.POP3, DeviceTls.IMPLICIT, OriginTls.IMPLICIT, false, false);

  static final List<ListenerConfig> ALL =
      List.of(
          listener("web", 3128, ListenerConfig.Accept.HTTP_CONNECT, null, MailKeys.NO_MAIL),
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
        ListenerConfig.Protocol.SMTP, downstreamTls, OriginTls.STARTTLS, false, false);
  }

  private static ListenerConfig fixed(String name, int port, HostPort origin, MailKeys mail) {
    return listener(name, port, ListenerConfig.Accept.FIXED, origin, mail);
  }

  private static ListenerConfig listener(
      String name,
      int port,
      ListenerConfig.Accept accept,
      @Nullable HostPort origin,
      MailKeys mail) {
    return new ListenerConfig(
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
        ListenerConfig.Profile.LEGACY,
        List.of(),
        accept.mismatch(),
        null,
        List.of(),
        null,
        null);
  }
}
