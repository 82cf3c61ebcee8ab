package org.tlsuplift.proxy.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {
  @ParameterizedTest
  @CsvSource({
    "outlook.office365.com:443, outlook.office365.com, 443",
    "OUTLOOK.Office365.com.:443, outlook.office365.com, 443",
    "192.0.2.1:25, 192.0.2.1, 25",
    "[2001:DB8::1]:993, 2001:db8::1, 993",
    "[::ffff:192.0.2.1]:1, ::ffff:192.0.2.1, 1",
    "under_score.example:65535, under_score.example, 65535"
  })
  void readsAuthorities(String text, String host, int port) {
    assertThat(HostPort.parse(text)).contains(new HostPort(host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "host",
        "host:",
        ":443",
        "host:0",
        "host:65536",
        "host:-1",
        "host:443x",
        "::1:443",
        "[::1]",
        "[host]:443",
        "[1::2::3]:443",
        "[::1%eth0]:443",
        "a..b:443",
        "-a.b:443",
        "user@host:443",
        "host/path:443",
        "256.1.1.1:443",
        "1.2.3:443",
        "host name:443",
        "h\u00f6st:443"
      })
  void refusesInvalidAuthorities(String text) {
    assertThat(HostPort.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[2001:db8::1]:993", "mail.example.test:25"})
  void printsTheTextThatItParsed(String text) {
    assertThat(HostPort.parse(text).orElseThrow()).hasToString(text);
  }
}
