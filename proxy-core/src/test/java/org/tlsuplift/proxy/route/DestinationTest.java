package org.tlsuplift.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "outlook.office365.com     | outlook.office365.com:443",
        "smtp.office365.com:587    | smtp.office365.com:587",
        "*.contoso.example:80,443  | *.contoso.example:80,443",
        "*:*                       | *:*",
        "*                         | *:443",
        "10.0.0.0/8                | 10.0.0.0/8:443",
        "10.0.0.0/8:1000-2000      | 10.0.0.0/8:1000-2000",
        "192.0.2.7:25              | 192.0.2.7/32:25",
        "2001:db8::/32             | [2001:db8:0:0:0:0:0:0/32]:443",
        "[2001:db8::/32]:443,993   | [2001:db8:0:0:0:0:0:0/32]:443,993",
        "[::1]                     | [0:0:0:0:0:0:0:1/128]:443",
      })
  void readsHostsAndPorts(String text, String canonical) {
    assertThat(Destination.parse(text)).hasToString(canonical);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[::1", "[::1]443", "[a.example]:443", "[]", "["})
  void refusesBracketsThatHoldNoIpv6Address(String text) {
    assertThatThrownBy(() -> Destination.parse(text))
        .hasMessage("'" + text + "' is not a valid address in brackets; write [2001:db8::/32]:443");
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://a.example", "https://a.example:443"})
  void refusesUrls(String text) {
    assertThatThrownBy(() -> Destination.parse(text)).hasMessageContaining("is a URL");
  }
}
