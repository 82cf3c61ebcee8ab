package org.tlsuplift.server.config;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Optional;
import org.tlsuplift.proxy.model.HostPort;

/**
 * An address to listen on.
 *
 * @param host an address literal without brackets, or a name of this machine
 * @param port 0 to 65535; 0 lets the system choose
 */
public record BindAddress(String host, int port) {
  /** Normalises the host and refuses what is no address. */
  public BindAddress {
    host = HostPort.normalise(host);
    if (!HostPort.isAddressLiteral(host) && !HostPort.isHostName(host)) {
      throw new IllegalArgumentException(
          "the host is neither an address nor a name; for every interface write 0.0.0.0 or [::]");
    }
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("the port is not within 0 to 65535");
    }
  }

  /**
   * Reads {@code host:port} or {@code [ipv6]:port}.
   *
   * @throws IllegalArgumentException says what is wrong, for the operator
   */
  public static BindAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (colon < 0 || !port.matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException("the port is missing or not a number");
    }
    String host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (host.contains(":") != bracketed) {
      throw new IllegalArgumentException("an IPv6 address, and no other, stands in brackets");
    }
    return new BindAddress(
        bracketed ? host.substring(1, host.length() - 1) : host, Integer.parseInt(port));
  }

  /** Whether only this machine gets there. A name is not looked up, and may mean any address. */
  public boolean isLoopback() {
    return address().map(InetAddress::isLoopbackAddress).orElse(false);
  }

  /** Whether it stands for every address of this machine. */
  public boolean isEveryAddress() {
    return address().map(InetAddress::isAnyLocalAddress).orElse(false);
  }

  /** Whether both cannot be bound at once. Asks no name service. */
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

  /**
   * Whether a connection to this address is one to this machine and comes here. Asks no name
   * service.
   */
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

  private static boolean covers(InetAddress wildcard, InetAddress address) {
    // Bound to ::, Java takes IPv4 connections too.
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
}
