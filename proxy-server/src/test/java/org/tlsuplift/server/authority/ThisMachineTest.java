package org.tlsuplift.server.authority;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By which names devices may reach this machine. */
class ThisMachineTest {
  @Test
  void listsHostNamesBeforeAddresses() {
    assertThat(
            names(
                List.of("Uplift", "uplift.corp.example.org."),
                "192.168.1.5",
                "10.0.0.2",
                "192.168.1.5",
                "fd00::7"))
        .containsExactly("uplift", "uplift.corp.example.org", "192.168.1.5", "10.0.0.2", "fd00::7");
  }

  @Test
  void omitsNamesAndAddressesOfThisMachineOnly() {
    assertThat(
            names(
                List.of("localhost", "localhost.localdomain", "not a name", ""),
                "127.0.0.1",
                "::1",
                "0.0.0.0",
                "169.254.1.1",
                "fe80::1"))
        .isEmpty();
  }

  @Test
  void omitsPublicSuffixes() {
    assertThat(
            names(List.of("app", "com", "contoso.com", "contoso.co.uk", "co.uk", "x.ck", "www.ck")))
        .isEmpty();
    assertThat(names(List.of("printer", "uplift.lan", "vm1.contoso.co.uk")))
        .containsExactly("printer", "uplift.lan", "vm1.contoso.co.uk");
  }

  @Test
  void staysShort() {
    String[] many = IntStream.range(1, 100).mapToObj(i -> "10.0.0." + i).toArray(String[]::new);
    assertThat(names(List.of("uplift"), many))
        .hasSize(ThisMachine.MAX_NAMES)
        .startsWith("uplift", "10.0.0.1");
  }

  @Test
  void withoutAListOmitsNamesThatMayBeTopLevelDomains(@TempDir Path directory) {
    PublicSuffixes none = new PublicSuffixes(directory.resolve("missing"));
    assertThat(
            ThisMachine.names(
                List.of("app", "contoso.com", "vm-1", "vm-1.corp.contoso.com"), List.of(), none))
        .containsExactly("vm-1", "vm-1.corp.contoso.com");
  }

  private static List<String> names(List<String> hostNames, String... addresses) {
    return ThisMachine.names(
        hostNames,
        Stream.of(addresses).map(ThisMachineTest::address).toList(),
        PublicSuffixes.ofThisJava());
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException malformed) {
      throw new IllegalArgumentException(literal, malformed);
    }
  }
}
