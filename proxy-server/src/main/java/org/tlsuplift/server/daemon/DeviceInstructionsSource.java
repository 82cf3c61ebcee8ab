package org.tlsuplift.server.daemon;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.pages.DeviceInstructions;

/** Says what is set in a device for each listener of a checked configuration. */
final class DeviceInstructionsSource {
  private DeviceInstructionsSource() {}

  static List<DeviceInstructions> of(ServerConfig config) {
    return config.listeners().stream()
        .map(
            listener -> new DeviceInstructions(listener.name(), ports(listener), setting(listener)))
        .toList();
  }

  private static String ports(ListenerConfig listener) {
    return listener.bind().stream()
        .map(bind -> bind.port() == 0 ? "any free one: see the log" : String.valueOf(bind.port()))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static String setting(ListenerConfig listener) {
    return switch (listener.accept()) {
      case HTTP_CONNECT -> "this machine as its HTTP(S) proxy";
      case SOCKS -> "this machine as its SOCKS proxy";
      case TRANSPARENT -> "nothing: nftables redirects what it sends (config/nftables)";
      case FIXED ->
          switch (listener.protocol()) {
            case TLS -> "this machine in place of " + listener.origin();
            case SMTP -> mail(listener, "mail server (SMTP)");
            case IMAP -> mail(listener, "mailbox server (IMAP)");
            case POP3 -> mail(listener, "mailbox server (POP3)");
          };
    };
  }

  private static String mail(ListenerConfig listener, String server) {
    MailService.DeviceTls tls = Objects.requireNonNull(listener.downstreamTls(), "downstreamTls");
    String way =
        switch (tls) {
          case IMPLICIT -> "SSL/TLS";
          case STARTTLS -> "STARTTLS";
          case OPTIONAL -> "STARTTLS or SSL/TLS";
        };
    return "this machine as its " + server + ", with " + way + ", for " + listener.origin();
  }
}
