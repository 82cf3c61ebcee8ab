package org.tlsuplift.server.daemon;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.tls.CertificateNames;
import org.tlsuplift.server.config.BindAddress;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.http.pages.DeviceInstructions;

/** Derives the device settings for each listener of a checked configuration. */
final class DeviceInstructionsSource {
  private DeviceInstructionsSource() {}

  /**
   * @param certificates the names of the operator's certificates, by listener
   */
  static List<DeviceInstructions> of(
      ServerConfig config, Map<String, CertificateNames> certificates) {
    return config.listeners().stream()
        .map(
            listener ->
                of(listener, certificates.get(listener.name()), config.admin().serverNames()))
        .toList();
  }

  private static DeviceInstructions of(
      ListenerConfig listener, @Nullable CertificateNames certificate, List<String> adminNames) {
    return new DeviceInstructions(
        listener.name(),
        setting(listener),
        server(listener, certificate, adminNames),
        ports(listener),
        note(listener) + (certificate == null ? "" : "; needs no CA of TLS Uplift"),
        listener.access().accept() == ListenerConfig.Accept.TRANSPARENT,
        listener.signIn());
  }

  /**
   * A name in the listener's certificate, or else the first specific bind address, or else the
   * first name of the admin port.
   */
  private static String server(
      ListenerConfig listener, @Nullable CertificateNames certificate, List<String> adminNames) {
    Stream<String> bound =
        listener.bind().stream().filter(bind -> !bind.isEveryAddress()).map(BindAddress::host);
    Stream<String> carried =
        certificate == null || listener.access().accept() != ListenerConfig.Accept.FIXED
            ? Stream.empty()
            : certificate.hosts().stream().filter(host -> !host.startsWith("*"));
    return Stream.of(
            listener.certificate().serverNames().stream(), carried, bound, adminNames.stream())
        .flatMap(names -> names)
        .findFirst()
        .orElse("");
  }

  private static String ports(ListenerConfig listener) {
    return listener.bind().stream()
        .map(bind -> bind.port() == 0 ? "see the log" : String.valueOf(bind.port()))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static String setting(ListenerConfig listener) {
    return switch (listener.access().accept()) {
      case HTTP_CONNECT -> "Proxy server (HTTP and HTTPS)";
      case SOCKS -> "SOCKS proxy";
      case TRANSPARENT -> "Nothing: nftables redirects the device to this listener";
      case FIXED ->
          switch (listener.service().protocol()) {
            case TLS -> "Server";
            case SMTP -> "Outgoing mail server (SMTP)";
            case IMAP -> "Incoming mail server (IMAP)";
            case POP3 -> "Incoming mail server (POP3)";
          };
    };
  }

  private static String note(ListenerConfig listener) {
    if (listener.access().accept() != ListenerConfig.Accept.FIXED) {
      return "";
    }
    String origin = "leads to " + listener.origin();
    return listener.service().protocol() == ListenerConfig.Protocol.TLS
        ? origin
        : security(listener) + ", " + origin;
  }

  private static String security(ListenerConfig listener) {
    MailService.DeviceTls tls =
        Objects.requireNonNull(listener.service().downstreamTls(), "downstreamTls");
    return switch (tls) {
      case IMPLICIT -> "SSL/TLS";
      case STARTTLS -> "STARTTLS";
      case OPTIONAL -> "STARTTLS or SSL/TLS";
    };
  }
}
