package org.tlsuplift.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressKindTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, LOOPBACK",
    "127.255.255.254, LOOPBACK",
    "128.0.0.1, PUBLIC",
    "0.0.0.0, UNSPECIFIED",
    "0.1.2.3, UNSPECIFIED",
    "1.0.0.1, PUBLIC",
    "169.254.169.254, LINK_LOCAL",
    "169.253.0.1, PUBLIC",
    "224.0.0.1, MULTICAST",
    "223.255.255.255, PUBLIC",
    "240.0.0.1, MULTICAST",
    "255.255.255.255, MULTICAST",
    "10.1.2.3, PRIVATE",
    "11.1.2.3, PUBLIC",
    "172.16.0.1, PRIVATE",
    "172.31.255.255, PRIVATE",
    "172.32.0.1, PUBLIC",
    "192.168.1.1, PRIVATE",
    "192.169.1.1, PUBLIC",
    "100.64.0.1, PRIVATE",
    "100.127.0.1, PRIVATE",
    "100.128.0.1, PUBLIC",
    "52.96.0.1, PUBLIC",
    "192.0.0.1, PRIVATE",
    "192.0.0.255, PRIVATE",
    "192.0.1.1, PUBLIC",
    "192.0.2.1, PRIVATE",
    "192.88.99.1, PRIVATE",
    "192.88.98.1, PUBLIC",
    "198.17.255.255, PUBLIC",
    "198.18.0.1, PRIVATE",
    "198.19.255.255, PRIVATE",
    "198.20.0.1, PUBLIC",
    "198.51.100.1, PRIVATE",
    "203.0.113.1, PRIVATE",
    "172.15.255.255, PUBLIC",
    "100.63.255.255, PUBLIC",
    "::, UNSPECIFIED",
    "::1, LOOPBACK",
    "::2, UNSPECIFIED",
    "fe80::1, LINK_LOCAL",
    "febf::1, LINK_LOCAL",
    "fec0::1, PRIVATE",
    "ff02::1, MULTICAST",
    "fc00::1, PRIVATE",
    "fdff::1, PRIVATE",
    "fe00::1, MULTICAST",
    "2603:1006::1, PUBLIC",
    "::ffff:127.0.0.1, LOOPBACK",
    "::ffff:10.0.0.1, PRIVATE",
    "::127.0.0.1, LOOPBACK",
    "::ffff:0:169.254.0.1, LINK_LOCAL",
    "64:ff9b::127.0.0.1, LOOPBACK",
    "64:ff9b::10.0.0.1, PRIVATE",
    "64:ff9b::52.96.0.1, PUBLIC",
    "64:ff9b:1::192.168.0.1, PRIVATE",
    "64:ff9b:1::52.96.0.1, PRIVATE",
    "64:ff9b:1:c0a8:0:100::, PRIVATE",
    "64:ff9b:1:7f00:0:100::, LOOPBACK",
    "64:ff9b:1:7f00:0:100::1, LOOPBACK",
    "64:ff9b:1:a9fe:a9:fe00::, LINK_LOCAL",
    "64:ff9b:1:a9:fe:a9fe::, LINK_LOCAL",
    "64:ff9b:1:0:a9:fea9:fe00:0, LINK_LOCAL",
    "64:ff9b:1:ffff::169.254.169.254, LINK_LOCAL",
    "64:ff9b:2::52.96.0.1, MULTICAST",
    "2002:7f00:1::1, LOOPBACK",
    "2002:a00:1::, PRIVATE",
    "2002:3460:1::, PUBLIC",
    "2001:0:3460:1::80ff:fffe, LOOPBACK",
    "2001:0:3460:1::cb9f:fffe, PUBLIC",
    "2001:1::1, PRIVATE",
    "2001:2::1, PRIVATE",
    "2001:20::1, PRIVATE",
    "2001:1ff:ffff::1, PRIVATE",
    "2001:200::1, PUBLIC",
    "2001:db8::1, PRIVATE",
    "2001:db9::1, PUBLIC",
    "3fff::1, PRIVATE",
    "3fff:fff::1, PRIVATE",
    "3fff:1000::1, PUBLIC",
    "2000::1, PUBLIC",
    "1fff::1, MULTICAST",
    "4000::1, MULTICAST",
    "5f00::1, MULTICAST",
    "100::1, PRIVATE",
    "100:0:0:1::1, PRIVATE",
    "2603:1006::5efe:10.0.0.1, PRIVATE",
    "2603:1006::200:5efe:10.0.0.1, PRIVATE",
    "2603:1006::5efe:127.0.0.1, LOOPBACK",
    "2603:1006::5efe:52.96.0.1, PUBLIC",
    "2603:1006::100:5efe:10.0.0.1, PUBLIC",
    "2002:3460:1::5efe:10.0.0.1, PRIVATE",
    "fe80::5efe:52.96.0.1, LINK_LOCAL",
  })
  void judgesAnAddress(String text, AddressKind kind) throws Exception {
    assertThat(AddressKind.of(InetAddress.getByName(text))).isEqualTo(kind);
  }

  @Test
  void classifiesAMappedAddress() throws Exception {
    byte[] mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    mapped[12] = 127;
    mapped[15] = 1;
    assertThat(AddressKind.of(java.net.Inet6Address.getByAddress(null, mapped, 0)))
        .isEqualTo(AddressKind.LOOPBACK);
  }

  @ParameterizedTest
  @CsvSource({
    "true, WHERE_NAMED, true, true",
    "true, ALWAYS, true, true",
    "true, NEVER, true, false",
    "false, WHERE_NAMED, false, false",
    "false, ALWAYS, false, true",
    "false, NEVER, false, false",
  })
  void onlyNamedHostsMayHavePrivateAddressesByDefault(
      boolean named, PrivateAddresses addresses, boolean loopback, boolean inPrivate)
      throws Exception {
    AddressScope scope = new AddressScope(named, addresses);
    assertThat(scope.allows(InetAddress.getByName("52.96.0.1"))).isTrue();
    assertThat(scope.allows(InetAddress.getByName("127.0.0.1"))).isEqualTo(loopback);
    assertThat(scope.allows(InetAddress.getByName("fe80::1"))).isEqualTo(loopback);
    assertThat(scope.allows(InetAddress.getByName("10.0.0.1"))).isEqualTo(inPrivate);
  }

  @ParameterizedTest
  @CsvSource({
    "false, WHERE_NAMED, 127.0.0.1, 'its address 127.0.0.1 is loopback; if wanted, name it in ''routes'' without *'",
    "false, WHERE_NAMED, 10.0.0.1, 'its address 10.0.0.1 is private; if wanted, name it in ''routes'' without * or set ''upstream.allowPrivateAddresses: true'''",
    "true, NEVER, 10.0.0.1, 'its address 10.0.0.1 is private; if wanted, set ''upstream.allowPrivateAddresses: true'''",
  })
  void refusalNamesTheRemedy(
      boolean named, PrivateAddresses addresses, String address, String remedy) throws Exception {
    assertThat(new AddressScope(named, addresses).refusal(InetAddress.getByName(address)).text())
        .isEqualTo(remedy);
  }
}
