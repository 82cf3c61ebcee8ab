package org.tlsuplift.proxy.negotiate;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** Reads Linux's {@code sockaddr_in} and {@code sockaddr_in6} (ip(7), ipv6(7)). */
final class SocketAddressBytes {
  static final int IPV4 = 16;

  static final int IPV6 = 28;

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int PORT_AT = 2;
  private static final int IPV4_AT = 4;
  private static final int IPV6_AT = 8;

  private SocketAddressBytes() {}

  /** The address at the start of the buffer; empty for another family, or if it is truncated. */
  static Optional<InetSocketAddress> read(ByteBuffer bytes) {
    if (bytes.capacity() < IPV4) {
      return Optional.empty();
    }
    // The family is in the machine's byte order, the port in network order.
    int family = bytes.duplicate().order(ByteOrder.nativeOrder()).getShort(0);
    int port = bytes.duplicate().order(ByteOrder.BIG_ENDIAN).getShort(PORT_AT) & 0xffff;
    if (family == AF_INET) {
      return Optional.of(address(bytes, IPV4_AT, 4, port));
    }
    return family == AF_INET6 && bytes.capacity() >= IPV6
        ? Optional.of(address(bytes, IPV6_AT, 16, port))
        : Optional.empty();
  }

  private static InetSocketAddress address(ByteBuffer bytes, int at, int length, int port) {
    byte[] address = new byte[length];
    bytes.duplicate().position(at).get(address);
    try {
      return new InetSocketAddress(InetAddress.getByAddress(address), port);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException("an address of " + length + " bytes", impossible);
    }
  }
}
