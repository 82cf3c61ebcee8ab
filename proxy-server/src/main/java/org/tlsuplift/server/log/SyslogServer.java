package org.tlsuplift.server.log;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Labelled;

/**
 * A syslog server.
 *
 * @param trust a PEM file with the roots that verify its certificate; null for those of the Java
 *     runtime
 */
public record SyslogServer(Address address, Facility facility, @Nullable Path trust) {
  /** Where the server listens. */
  public sealed interface Address {
    /** Datagrams without any acknowledgement (RFC 5426). */
    record Udp(String host, int port) implements Address {
      @Override
      public String toString() {
        return "udp://" + host + ":" + port;
      }
    }

    /** TLS 1.2 or later, with a verified certificate (RFC 5425). */
    record Tls(String host, int port) implements Address {
      @Override
      public String toString() {
        return "tls://" + host + ":" + port;
      }
    }

    /** A UNIX datagram socket of this machine. */
    record Unix(Path socket) implements Address {
      @Override
      public String toString() {
        return "unix:" + socket;
      }
    }
  }

  /** The part of a machine that a message is about (RFC 5424 section 6.2.1). */
  public enum Facility implements Labelled {
    USER(1),
    DAEMON(3),
    LOCAL0(16),
    LOCAL1(17),
    LOCAL2(18),
    LOCAL3(19),
    LOCAL4(20),
    LOCAL5(21),
    LOCAL6(22),
    LOCAL7(23);

    private final int code;

    Facility(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  private static final int UDP_PORT = 514;
  private static final int TLS_PORT = 6514;

  /**
   * Parses an address: {@code udp://host:514}, {@code tls://host:6514} or {@code unix:/dev/log}.
   *
   * @throws IllegalArgumentException with the remedy
   */
  public static Address address(String text) {
    if (text.matches("unix:(//)?/[^/].*")) {
      return new Address.Unix(Path.of(text.replaceFirst("^unix:(//)?", "")));
    }
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException malformed) {
      throw new IllegalArgumentException("", malformed);
    }
    if ("tcp".equals(url.getScheme())) {
      throw new IllegalArgumentException("TCP without TLS is not supported; write tls://");
    }
    String host = url.getHost();
    if (host == null
        || url.getUserInfo() != null
        || !String.valueOf(url.getRawPath()).isEmpty()
        || url.getRawQuery() != null
        || url.getRawFragment() != null
        || url.getPort() > 65_535) {
      throw new IllegalArgumentException("");
    }
    int port = url.getPort();
    return switch (String.valueOf(url.getScheme())) {
      case "udp" -> new Address.Udp(bare(host), port < 0 ? UDP_PORT : port);
      case "tls" -> new Address.Tls(bare(host), port < 0 ? TLS_PORT : port);
      default -> throw new IllegalArgumentException("write udp://, tls:// or unix:");
    };
  }

  private static String bare(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }
}
