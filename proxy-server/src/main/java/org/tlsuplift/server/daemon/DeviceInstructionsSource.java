package org.tlsuplift.server.daemon;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.server.config.BindAddress;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.pages.DeviceInstructions;

/** Derives the device settings for each listener of a checked configuration. */
final class DeviceInstructionsSource {
  private DeviceInstructionsSource() {}

  static List<DeviceInstructions> of(ServerConfig config) {
    return config.listeners().stream().map(DeviceInstructionsSource::of).toList();
  }

  private static DeviceInstructions of(ListenerConfig listener) {
    return new DeviceInstructions(
        listener.name(),
        setting(listener),
        server(listener),
        ports(listener),
        note(listener),
        listener.accept() == ListenerConfig.Accept.TRANSPARENT);
  }

  /** A name in the listener's certificate, or else the first specific bind address. */
  private static String server(ListenerConfig listener) {
    Stream<String> bound =
        listener.bind().stream().filter(bind -> !bind.isEveryAddress()).map(BindAddress::host);
    return Stream.concat(listener.serverNames().stream(), bound).findFirst().orElse("");
  }

  private static String ports(ListenerConfig listener) {
    return listener.bind().stream()
        .map(bind -> bind.port() == 0 ? "see the log" : String.valueOf(bind.port()))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static String setting(ListenerConfig listener) {
    return switch (listener.accept()) {
      case HTTP_CONNECT -> "Proxy server (HTTP and HTTPS)";
      case SOCKS -> "SOCKS proxy";
      case TRANSPARENT -> "Nothing: nftables redirects the device to this listener";
      case FIXED ->
          switch (listener.protocol()) {
            case TLS -> "Server";
            case SMTP -> "Outgoing mail server (SMTP)";
            case IMAP -> "Incoming mail server (IMAP)";
            case POP3 -> "Incoming mail server (POP3)";
          };
    };
  }

  private static String note(ListenerConfig listener) {
    if (listener.accept() != ListenerConfig.Accept.FIXED) {
      return "";
    }
    String origin = "leads to " + listener.origin();
    return listener.protocol() == ListenerConfig.Protocol.TLS
        ? origin
        : security(listener) + ", " + origin;
  }

  private static String security(ListenerConfig listener) {
    MailService.DeviceTls tls = Objects.requireNonNull(listener.downstreamTls(), "downstreamTls");
    return switch (tls) {
      case IMPLICIT -> "SSL/TLS";
      case STARTTLS -> "STARTTLS";
      case OPTIONAL -> "STARTTLS or SSL/TLS";
    };
  }
}
