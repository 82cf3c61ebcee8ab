package org.tlsuplift.server.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages on the wire, and addresses of servers. */
class SyslogFormatTest {
  private static final Instant TIME = Instant.parse("2026-11-27T10:00:00.123456Z");

  private static SyslogMessage message(String text) {
    return new SyslogMessage(TIME, SyslogMessage.Severity.WARNING, "log", text);
  }

  @Test
  void hasTheHeaderOfRfc5424() {
    byte[] bytes =
        new SyslogFormat(SyslogServer.Facility.LOCAL3, "uplift1", 42)
            .bytes(message("session refused device=\"10.1.2.3\"\n"));
    assertThat(new String(bytes, StandardCharsets.UTF_8))
        .isEqualTo(
            "<156>1 2026-11-27T10:00:00.123Z uplift1 tls-uplift 42 log - session refused"
                + " device=\"10.1.2.3\"");
  }

  @Test
  void omitsAnInvalidHostName() {
    byte[] bytes =
        new SyslogFormat(SyslogServer.Facility.DAEMON, "two words", 1).bytes(message("a"));
    assertThat(new String(bytes, StandardCharsets.UTF_8))
        .isEqualTo("<28>1 2026-11-27T10:00:00.123Z - tls-uplift 1 log - a");
  }

  @Test
  void cutsALongMessageBetweenCharacters() {
    for (int shift = 0; shift < 3; shift++) {
      byte[] bytes =
          new SyslogFormat(SyslogServer.Facility.DAEMON, "a", 1)
              .bytes(message("x".repeat(shift) + "\u20ac".repeat(5_000)));
      assertThat(bytes).hasSizeBetween(SyslogFormat.MAX_LENGTH - 2, SyslogFormat.MAX_LENGTH);
      assertThat(new String(bytes, StandardCharsets.UTF_8)).doesNotContain("\ufffd");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "tls://syslog.corp.example, tls://syslog.corp.example:6514",
    "tls://[2001:db8::1]:7000, tls://2001:db8::1:7000",
    "udp://10.1.2.3, udp://10.1.2.3:514",
    "unix:/dev/log, unix:/dev/log",
    "unix:///dev/log, unix:/dev/log",
  })
  void readsAddresses(String text, String address) {
    assertThat(SyslogServer.address(text)).hasToString(address);
  }

  @Test
  void aUnixSocketIsAFile() {
    assertThat(SyslogServer.address("unix:/run/log"))
        .isEqualTo(new SyslogServer.Address.Unix(Path.of("/run/log")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "syslog.corp.example",
        "tcp://a.example",
        "tls://",
        "tls://a@b.example",
        "tls://a.example/x",
        "udp://a.example:70000",
        "unix:dev/log",
        "tls://a b",
      })
  void refusesOtherTexts(String text) {
    assertThatThrownBy(() -> SyslogServer.address(text))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
