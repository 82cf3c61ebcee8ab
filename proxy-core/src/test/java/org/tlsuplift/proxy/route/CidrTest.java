package org.tlsuplift.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CidrTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.1.2, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "172.16.0.0/12, 172.31.255.255, true",
    "172.16.0.0/12, 172.32.0.0, false",
    "13.107.6.152/31, 13.107.6.153, true",
    "13.107.6.152/31, 13.107.6.154, false",
    "192.0.2.7, 192.0.2.7, true",
    "192.0.2.7, 192.0.2.8, false",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, ::1, false",
    "2603:1006::/40, 2603:1006:ff::1, true",
    "2603:1006::/40, 2603:1006:100::1, false",
    "::1/128, ::1, true",
    "fc00::/7, fdff::1, true",
    "fc00::/7, fe00::1, false",
    "::/0, 10.0.0.1, false",
  })
  void holdsTheAddressesOfTheBlock(String block, String address, boolean held)
      throws UnknownHostException {
    assertThat(Cidr.parse(block).contains(InetAddress.getByName(address))).isEqualTo(held);
  }

  @Test
  void matchesAMappedAddressAsIpv4() {
    HostPattern block = HostPattern.parse("10.0.0.0/8");
    assertThat(block.matches("::ffff:10.0.0.1")).isTrue();
    assertThat(block.matches("::ffff:a00:1")).isTrue();
    assertThat(block.matches("::ffff:11.0.0.1")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10.0.0.0/33    | prefix length 33 is not within 0 to 32",
        "::/129         | prefix length 129 is not within 0 to 128",
        "10.0.0.0/x     | prefix length 'x' is not a number from 0 to 32",
        "10.0.0.0/      | prefix length '' is not a number from 0 to 32",
        "10.0.0.0/-1    | prefix length '-1' is not a number from 0 to 32",
        "10.1.2.3/8     | the address has bits set after the prefix; write 10.0.0.0/8",
        "10.0.0/8       | '10.0.0' is not an IPv4 or IPv6 address; write 10.0.0.0/8 or 2001:db8::/32",
        "corp.example/8 | 'corp.example' is not an IPv4 or IPv6 address; write 10.0.0.0/8 or 2001:db8::/32",
        ":::::/8        | ':::::' is not an IPv4 or IPv6 address; write 10.0.0.0/8 or 2001:db8::/32",
      })
  void refusesInvalidBlocks(String text, String message) {
    assertThatThrownBy(() -> Cidr.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
