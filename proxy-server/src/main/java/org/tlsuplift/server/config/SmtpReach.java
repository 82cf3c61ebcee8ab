package org.tlsuplift.server.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.route.RouteTable;

/** The mail servers for SMTP to which a listener leads. */
public final class SmtpReach {
  /** The ports where a listener that is not fixed expects SMTP. */
  public static final List<Integer> PORTS = List.of(25, 465, 587);

  /**
   * The port on which servers receive mail from anyone, without a sign-in. A device that reaches it
   * can send as anyone.
   */
  public static final int RECEIVING = 25;

  private SmtpReach() {}

  /** Whether the origin of a fixed listener is a mail server for SMTP. */
  public static boolean isFixedTo(ListenerConfig listener, HostPort origin) {
    return switch (listener.service().protocol()) {
      case SMTP -> true;
      case TLS ->
          MailService.ofPort(origin.port())
              .filter(usual -> usual.protocol() == MailProtocol.SMTP)
              .isPresent();
      case IMAP, POP3 -> false;
    };
  }

  /**
   * The origin or the destination of a route by which devices of a listener reach {@link
   * #RECEIVING}, or null. A fixed listener reaches it with each protocol: in a tunnel, or with TLS
   * from the start, a device can use another one.
   */
  public static @Nullable String receiving(ListenerConfig listener, RouteTable table) {
    HostPort origin = listener.origin();
    if (listener.access().accept() == ListenerConfig.Accept.FIXED) {
      return origin != null && origin.port() == RECEIVING && table.precheck(origin).isEmpty()
          ? origin.toString()
          : null;
    }
    List<Route> denying = new ArrayList<>();
    for (Route route : table.routes()) {
      for (Destination to : route.to().destinations()) {
        if (route.action().isForTls()
            && to.ports().contains(RECEIVING)
            && denying.stream().noneMatch(earlier -> covers(earlier, to.hosts()))) {
          return route.to().name() + " ('" + to + "')";
        }
      }
      if (!route.action().isForTls()) {
        denying.add(route);
      }
    }
    return null;
  }

  /** Whether a route matches all these hosts on {@link #RECEIVING}; not found for each pattern. */
  private static boolean covers(Route route, HostPattern hosts) {
    return route.to().destinations().stream()
            .filter(to -> to.ports().contains(RECEIVING))
            .map(Destination::hosts)
            .anyMatch(all -> all instanceof HostPattern.Any || all.equals(hosts))
        || (hosts instanceof HostPattern.Exact one
            && route.to().contains(new HostPort(one.name(), RECEIVING)));
  }

  /** Whether a route names a port of {@link #PORTS}. */
  public static boolean isNamedBy(Route route) {
    return route.to().destinations().stream()
        .anyMatch(destination -> PORTS.stream().anyMatch(destination.ports()::contains));
  }
}
