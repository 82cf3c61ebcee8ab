package org.tlsuplift.server.config;

import java.util.List;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.route.Route;

/** The mail servers for SMTP to which a listener leads. */
public final class SmtpReach {
  /** The ports where a listener that is not fixed expects SMTP. */
  public static final List<Integer> PORTS = List.of(25, 465, 587);

  private SmtpReach() {}

  /** Whether the origin of a fixed listener is a mail server for SMTP. */
  public static boolean isFixedTo(ListenerConfig listener, HostPort origin) {
    return switch (listener.protocol()) {
      case SMTP -> true;
      case TLS ->
          MailService.ofPort(origin.port())
              .filter(usual -> usual.protocol() == MailProtocol.SMTP)
              .isPresent();
      case IMAP, POP3 -> false;
    };
  }

  /** Whether a route names a port of {@link #PORTS}. */
  public static boolean isNamedBy(Route route) {
    return route.to().destinations().stream()
        .anyMatch(destination -> PORTS.stream().anyMatch(destination.ports()::contains));
  }
}
