package org.tlsuplift.server.config;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Optional;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.config.binding.Form;

/**
 * An address to listen on.
 *
 * @param host an address literal without brackets, or a name of this machine
 * @param port 0 to 65535; 0 for any free port
 */
public record BindAddress(String host, int port) {
  private static final String PORTS = "the port must be from 0 to 65535";

  /**
   * Normalises the host.
   *
   * @throws IllegalArgumentException with the remedy
   */
  public BindAddress {
    host = HostPort.normalise(host);
    if (!HostPort.isAddressLiteral(host) && !HostPort.isHostName(host)) {
      throw new IllegalArgumentException(
          "the host is neither an address nor a name; write 0.0.0.0 or [::] for all interfaces");
    }
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException(PORTS);
    }
  }

  /**
   * Parses {@code host:port} or {@code [ipv6]:port}.
   *
   * @throws IllegalArgumentException with the remedy
   */
  public static BindAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (colon < 0 || !port.matches("[0-9]+")) {
      throw new IllegalArgumentException("the port is missing or is not a number");
    }
    if (port.length() > 5) {
      throw new IllegalArgumentException(PORTS);
    }
    String host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (host.contains(":") != bracketed) {
      throw new IllegalArgumentException("write IPv6 addresses in brackets, and only those");
    }
    return new BindAddress(
        bracketed ? host.substring(1, host.length() - 1) : host, Integer.parseInt(port));
  }

  /**
   * Whether only this machine can reach it. Names are not resolved; a name may mean any address.
   */
  public boolean isLoopback() {
    return address().map(InetAddress::isLoopbackAddress).orElse(false);
  }

  public boolean isEveryAddress() {
    return address().map(InetAddress::isAnyLocalAddress).orElse(false);
  }

  /** Whether both addresses cannot be bound at the same time. Resolves no names. */
  public boolean collidesWith(BindAddress other) {
    if (port != other.port || port == 0) {
      return false;
    }
    Optional<InetAddress> mine = address();
    Optional<InetAddress> theirs = other.address();
    if (mine.isEmpty() || theirs.isEmpty()) {
      return host.equals(other.host);
    }
    return mine.equals(theirs)
        || covers(mine.get(), theirs.get())
        || covers(theirs.get(), mine.get());
  }

  /** Whether connections to this address arrive here. Resolves no names. */
  public boolean isAt(HostPort address) {
    BindAddress there = new BindAddress(address.host(), address.port());
    return collidesWith(there) && (host.equals(there.host) || there.isLocal());
  }

  private boolean isLocal() {
    try {
      Optional<InetAddress> literal = address();
      return literal.isPresent()
          && (literal.get().isLoopbackAddress()
              || literal.get().isAnyLocalAddress()
              || NetworkInterface.getByInetAddress(literal.get()) != null);
    } catch (SocketException unknown) {
      return false;
    }
  }

  /**
   * Whether no socket of this machine can have this address. Like a start, it tries: a floating
   * address may be allowed before it arrives (Linux: ip_nonlocal_bind). Resolves no names.
   */
  public boolean isElsewhere() {
    InetAddress literal = address().orElse(null);
    if (literal == null) {
      return false;
    }
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(literal, 0));
      return false;
    } catch (BindException unassigned) {
      return true;
    } catch (IOException other) {
      return false;
    }
  }

  private static boolean covers(InetAddress wildcard, InetAddress address) {
    // Bound to ::, Java accepts IPv4 connections too.
    return wildcard.isAnyLocalAddress()
        && wildcard.getAddress().length >= address.getAddress().length;
  }

  private Optional<InetAddress> address() {
    String literal = host.equals("localhost") ? "127.0.0.1" : host;
    if (!HostPort.isAddressLiteral(literal)) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(literal));
    } catch (UnknownHostException notAnAddress) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  /** The text of an address. */
  @Form.Rules(
      expected = "address:port, such as 0.0.0.0:3128 or \"[::]:3128\"",
      pattern =
          "^(\\[[0-9A-Fa-f:.]+\\]|[^\\s:/@*\\[\\]]+)"
              + ":(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[0-5][0-9]{4}|[0-9]{1,4})$")
  static final class Text implements Form<BindAddress> {
    @Override
    public BindAddress parse(String text) {
      return BindAddress.parse(text);
    }
  }
}
