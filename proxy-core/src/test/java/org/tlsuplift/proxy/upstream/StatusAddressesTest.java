package org.tlsuplift.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.session.HostPort;

/** A certificate must not lead into the network. */
class StatusAddressesTest {
  private static final StatusAddresses PUBLIC = new StatusAddresses(false);
  private static final StatusAddresses OWN = new StatusAddresses(true);

  private static InetSocketAddress address(String literal) {
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(literal);
    return new InetSocketAddress(address, 80);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.9.9.9",
        "::1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "fc00::1",
        "fd12::1",
        "100.64.0.1",
        "::ffff:10.0.0.1",
        "::10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "0.1.2.3"
      })
  void insideIsAskedOnlyWhereTheRootsAreTheOperatorsOwn(String literal) {
    assertThat(PUBLIC.firstOf(List.of(address(literal)))).isEmpty();
    assertThat(PUBLIC.mayAsk(new HostPort(literal, 80))).isFalse();
    assertThat(OWN.firstOf(List.of(address(literal)))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"169.254.169.254", "fe80::1", "224.0.0.1", "ff02::1", "0.0.0.0", "::"})
  void someAreNeverAsked(String literal) {
    assertThat(OWN.firstOf(List.of(address(literal)))).isEmpty();
    assertThat(OWN.mayAsk(new HostPort(literal, 80))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "printer", "a.localhost"})
  void namesThatOnlyTheInsideKnowsAreNotGivenToAProxy(String name) {
    assertThat(PUBLIC.mayAsk(new HostPort(name, 80))).isFalse();
    assertThat(OWN.mayAsk(new HostPort(name, 80))).isTrue();
  }

  @Test
  void publicAddressesAreAsked() {
    assertThat(PUBLIC.mayAsk(new HostPort("ocsp.digicert.com", 80))).isTrue();
    assertThat(PUBLIC.firstOf(List.of(address("10.0.0.1"), address("203.0.113.7"))))
        .contains(new HostPort("203.0.113.7", 80));
    assertThat(PUBLIC.firstOf(List.of(address("2001:db8::7"))))
        .contains(new HostPort("2001:db8:0:0:0:0:0:7", 80));
  }
}
