package org.tlsuplift.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.HostPort;

/** A certificate must not make the proxy connect to the local network. */
class StatusAddressesTest {
  private static final StatusAddresses PUBLIC = new StatusAddresses(false);
  private static final StatusAddresses OWN = new StatusAddresses(true);

  private static InetSocketAddress address(String literal) throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName(literal), 80);
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
        "2002:a00:1::1"
      })
  void privateAddressesAreQueriedOnlyWithOwnRoots(String literal) throws Exception {
    assertThat(PUBLIC.allowed(List.of(address(literal)))).isEmpty();
    assertThat(PUBLIC.mayAsk(new HostPort(literal, 80))).isFalse();
    assertThat(OWN.allowed(List.of(address(literal)))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "::ffff:0:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::169.254.169.254",
        "2002:a9fe:a9fe::1",
        "2001:0:cb00:7107::5601:5601",
        "64:ff9b::224.0.0.1",
        "2002::1",
        "fe80::1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "ff02::1",
        "0.0.0.0",
        "0.1.2.3",
        "::"
      })
  void linkLocalAndReservedAddressesAreNeverQueried(String literal) throws Exception {
    assertThat(OWN.allowed(List.of(address(literal)))).isEmpty();
    assertThat(OWN.mayAsk(new HostPort(literal, 80))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "printer", "a.localhost"})
  void localNamesAreNotSentToAProxy(String name) {
    assertThat(PUBLIC.mayAsk(new HostPort(name, 80))).isFalse();
    assertThat(OWN.mayAsk(new HostPort(name, 80))).isTrue();
  }

  @Test
  void publicAddressesAreQueried() throws Exception {
    assertThat(PUBLIC.mayAsk(new HostPort("ocsp.digicert.com", 80))).isTrue();
    assertThat(PUBLIC.allowed(List.of(address("10.0.0.1"), address("52.96.0.7"))))
        .containsExactly(address("52.96.0.7"));
    assertThat(PUBLIC.allowed(List.of(address("2603:1006::7"))))
        .containsExactly(address("2603:1006::7"));
    assertThat(PUBLIC.allowed(List.of(address("64:ff9b::52.96.0.7")))).hasSize(1);
  }
}
