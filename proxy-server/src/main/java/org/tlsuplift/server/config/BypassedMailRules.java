package org.tlsuplift.server.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.server.config.binding.Problems;

/**
 * Warns about rules for messages of one listener that do not hold on another one, if both lead to
 * the same mail server: each device may use both ports.
 */
record BypassedMailRules(List<ListenerConfig> listeners, RouteTable table, Problems problems) {
  static void check(List<ListenerConfig> listeners, RouteTable table, Problems problems) {
    BypassedMailRules rules = new BypassedMailRules(listeners, table, problems);
    for (int i = 0; i < listeners.size(); i++) {
      MailConfig mail = listeners.get(i).mail();
      if (mail != null) {
        rules.check("listeners[" + i + "].mail", listeners.get(i), mail);
      }
    }
  }

  private void check(String path, ListenerConfig ruled, MailConfig mail) {
    for (ListenerConfig other : listeners) {
      List<String> missing =
          missing(mail, Objects.requireNonNullElse(other.mail(), MailConfig.NONE));
      String server =
          other.name().equals(ruled.name()) || missing.isEmpty() ? null : common(ruled, other);
      if (server != null) {
        problems.warning(
            path,
            "listener '%s' also leads to %s without these rules of listener '%s': %s"
                .formatted(other.name(), server, ruled.name(), String.join(", ", missing)),
            "%sset them in 'mail' of '%s' or in 'mail' of all listeners, or let your firewall keep the devices away from its port"
                .formatted(
                    isFixed(other) && other.service().protocol() != ListenerConfig.Protocol.SMTP
                        ? "write 'protocol: smtp' in '" + other.name() + "', and "
                        : "",
                    other.name()));
      }
    }
  }

  /** The restrictions of a listener that another one does not have at all. */
  private static List<String> missing(MailConfig rules, MailConfig other) {
    List<String> missing = new ArrayList<>();
    add(missing, "allowedSenders", rules.allowedSenders().size(), other.allowedSenders().size());
    add(
        missing,
        "allowedRecipients",
        rules.allowedRecipients().size(),
        other.allowedRecipients().size());
    add(missing, "maximumRecipients", rules.maximumRecipients(), other.maximumRecipients());
    add(missing, "maximumSize", rules.maximumSize(), other.maximumSize());
    add(missing, "messagesPerHour", rules.messagesPerHour(), other.messagesPerHour());
    add(missing, "recipientsPerDay", rules.recipientsPerDay(), other.recipientsPerDay());
    if (rules.rewriteFrom() != null && other.rewriteFrom() == null) {
      missing.add("rewriteFrom");
    }
    return missing;
  }

  private static void add(List<String> missing, String rule, long limit, long ofOther) {
    if (limit > 0 && ofOther == 0) {
      missing.add(rule);
    }
  }

  /**
   * A mail server to which both listeners lead, or null. A listener for any destination leads to
   * other ports than those of mail only with TLS from the start.
   */
  private @Nullable String common(ListenerConfig one, ListenerConfig two) {
    if (!isFixed(one) && !isFixed(two)) {
      return table.routes().stream()
          .filter(route -> route.action().isForTls() && SmtpReach.isNamedBy(route))
          .findFirst()
          .map(route -> "the mail servers of " + route.to().name())
          .orElse(null);
    }
    ListenerConfig fixed = isFixed(one) ? one : two;
    ListenerConfig other = isFixed(one) ? two : one;
    HostPort origin = fixed.origin();
    if (origin == null || !SmtpReach.isFixedTo(fixed, origin)) {
      return null;
    }
    if (!isFixed(other)) {
      return Stream.concat(Stream.of(origin.port()), SmtpReach.PORTS.stream())
          .filter(
              port ->
                  fixed.service().upstreamTls() == OriginTls.IMPLICIT
                      || SmtpReach.PORTS.contains(port))
          .map(port -> new HostPort(origin.host(), port))
          .filter(target -> table.precheck(target).isEmpty())
          .findFirst()
          .map(HostPort::toString)
          .orElse(null);
    }
    HostPort second = other.origin();
    return second != null
            && second.host().equals(origin.host())
            && SmtpReach.isFixedTo(other, second)
        ? second.toString()
        : null;
  }

  private static boolean isFixed(ListenerConfig listener) {
    return listener.access().accept() == ListenerConfig.Accept.FIXED;
  }
}
