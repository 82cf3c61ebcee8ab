package org.tlsuplift.proxy.mail;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceCommandTest {
  @ParameterizedTest
  @CsvSource({
    "HELO printer, printer",
    "EHLO printer.corp.example, printer.corp.example",
    "ehlo   [192.0.2.7] , [192.0.2.7]",
    "EHLO =cmd|' /C calc'!A0, =cmd|' /C calc'!A0",
    "HELO two words, two words"
  })
  void readsTheNameAfterTheVerb(String line, String name) {
    assertThat(DeviceCommand.nameIn(line)).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"HELO", "EHLO ", "EHLO \u00fcber", "EHLO a\u0007b", "EHLO a\tb"})
  void omitsMissingAndUnprintableNames(String line) {
    assertThat(DeviceCommand.nameIn(line)).isEmpty();
  }

  @Test
  void aNameIsCutWhereDomainsEnd() {
    assertThat(DeviceCommand.nameIn("EHLO " + "x".repeat(900))).isEqualTo("x".repeat(255));
  }
}
