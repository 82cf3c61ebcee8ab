package org.tlsuplift.proxy.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceNetworksTest {
  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 64, 10.1.2.3",
    "::ffff:10.1.2.3, 64, 10.1.2.3",
    "2001:db8:1:2:3:4:5:6, 64, 2001:db8:1:2::",
    "2001:db8:1:2ff:3:4:5:6, 60, 2001:db8:1:2f0::",
    "2001:db8:1:2:3:4:5:6, 48, 2001:db8:1::",
    "2001:db8:1:2:3:4:5:6, 128, 2001:db8:1:2:3:4:5:6",
    "fe80::1%1, 64, fe80::"
  })
  void countsByTheNetwork(String device, int prefixLength, String counted) throws Exception {
    assertThat(new DeviceNetworks(prefixLength).of(InetAddress.getByName(device)))
        .isEqualTo(InetAddress.getByName(counted));
  }

  @Test
  void findsTheBlockOfAnAddress() throws Exception {
    assertThat(DeviceNetworks.first(InetAddress.getByName("10.1.2.3"), 24))
        .isEqualTo(InetAddress.getByName("10.1.2.0"));
    assertThat(DeviceNetworks.first(InetAddress.getByName("10.1.2.3"), 32))
        .isEqualTo(InetAddress.getByName("10.1.2.3"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 47, 129})
  void refusesPrefixesOutOfRange(int prefixLength) {
    assertThatThrownBy(() -> new DeviceNetworks(prefixLength))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("48 to 128");
  }
}
