package org.tlsuplift.proxy.negotiate;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes that getsockopt(SO_ORIGINAL_DST) returns on Linux. */
class SocketAddressBytesTest {
  private static ByteBuffer bytes(int family, String rest) {
    byte[] behind = HexFormat.of().parseHex(rest);
    return ByteBuffer.allocateDirect(2 + behind.length)
        .order(ByteOrder.nativeOrder())
        .putShort((short) family)
        .put(behind)
        .rewind();
  }

  @Test
  void readsAnIpv4Address() {
    assertThat(SocketAddressBytes.read(bytes(2, "01bbcb00710a0000000000000000")))
        .contains(new InetSocketAddress("203.0.113.10", 443));
  }

  @Test
  void readsAnIpv6Address() {
    assertThat(
            SocketAddressBytes.read(
                bytes(10, "fffe0000000020010db800000000000000000000001000000000")))
        .contains(new InetSocketAddress("2001:db8::10", 65534));
  }

  @Test
  void readsAMappedAddressAsIpv4() {
    assertThat(
            SocketAddressBytes.read(
                bytes(10, "024b0000000000000000000000000000ffffcb00710a00000000")))
        .contains(new InetSocketAddress("203.0.113.10", 587));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 0x200, 0xa00})
  void readsNoOtherFamily(int family) {
    assertThat(SocketAddressBytes.read(bytes(family, "01bbcb00710a0000000000000000"))).isEmpty();
  }

  @Test
  void readsNoTruncatedAddress() {
    assertThat(SocketAddressBytes.read(bytes(2, "01bbcb0071"))).isEmpty();
    assertThat(SocketAddressBytes.read(bytes(10, "01bb0000000020010db8000000000000"))).isEmpty();
  }
}
