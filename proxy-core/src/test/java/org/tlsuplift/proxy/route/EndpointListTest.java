package org.tlsuplift.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.HostPort;

/** A list contains exactly the targets that one of its destinations matches. */
class EndpointListTest {
  private static final List<Destination> DESTINATIONS =
      Stream.of(
              "outlook.office365.com:80,443",
              "outlook.office365.com:143,993",
              "*.office365.com:443",
              "*.office365.com:443",
              "*.outlook.com:443",
              "*.outlook.com:25",
              "40.96.0.0/13:443",
              "40.96.0.0/13:587",
              "2603:1006::/40")
          .map(Destination::parse)
          .toList();
  private static final EndpointList LIST = new EndpointList("test", DESTINATIONS);

  @ParameterizedTest
  @CsvSource({
    "outlook.office365.com:443, true",
    "outlook.office365.com:993, true",
    "outlook.office365.com:25, false",
    "smtp.office365.com:443, true",
    "smtp.office365.com:587, false",
    "mail.outlook.com:25, true",
    "40.103.255.255:587, true",
    "40.104.0.0:443, false",
    "40.97.0.1:25, false",
    "[2603:1006:0::5]:443, true",
    "[2603:2006::5]:443, false",
  })
  void holdsEveryDestinationOnItsPorts(String target, boolean held) {
    HostPort asked = HostPort.parse(target).orElseThrow();
    assertThat(LIST.contains(asked)).isEqualTo(held);
    assertThat(DESTINATIONS.stream().anyMatch(one -> one.matches(asked))).isEqualTo(held);
  }

  @Test
  void keepsTheDestinationsOnce() {
    assertThat(LIST.destinations()).hasSize(8).isEqualTo(DESTINATIONS.stream().distinct().toList());
    assertThat(LIST).hasToString("test (8 destinations)");
  }
}
