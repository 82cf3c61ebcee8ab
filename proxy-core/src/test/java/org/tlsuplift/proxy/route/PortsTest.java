package org.tlsuplift.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "443           | 443",
        "443, 80       | 80,443",
        "1000-2000     | 1000-2000",
        "1-3,4,3-5,9   | 1-5,9",
        "*             | *",
        "1-65535       | *",
      })
  void readsListsAndRanges(String text, String canonical) {
    assertThat(Ports.parse(text)).hasToString(canonical);
    assertThat(Ports.parse(canonical)).isEqualTo(Ports.parse(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''      | '' is not a port; write 443, 80,443, 1000-2000 or * for all",
        "80,     | '' is not a port; write 443, 80,443, 1000-2000 or * for all",
        "https   | 'https' is not a port; write 443, 80,443, 1000-2000 or * for all",
        "1-2-3   | '1-2-3' is not a port; write 443, 80,443, 1000-2000 or * for all",
        "0       | got ports 0-0; expected an ascending range within 1 to 65535",
        "70000   | got ports 70000-70000; expected an ascending range within 1 to 65535",
        "20-10   | got ports 20-10; expected an ascending range within 1 to 65535",
      },
      quoteCharacter = '"')
  void refusesInvalidPorts(String text, String message) {
    String unquoted = text.equals("''") ? "" : text;
    assertThatThrownBy(() -> Ports.parse(unquoted))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "25            |",
        "443           | 443",
        "25,443        | 443",
        "1-25          | 1-24",
        "25-30         | 26-30",
        "*             | 1-24,26-65535",
      })
  void excludesAPort(String text, String others) {
    assertThat(Ports.parse(text).without(25).map(Ports::toString))
        .isEqualTo(Optional.ofNullable(others));
  }

  @Property(tries = 200)
  void holdsExactlyThePortsWritten(
      @ForAll @Size(min = 1, max = 12) Set<@IntRange(min = 1, max = 40) Integer> written) {
    Ports ports =
        Ports.parse(written.stream().map(String::valueOf).collect(Collectors.joining(",")));
    Set<Integer> held = new TreeSet<>();
    for (int port = 1; port <= 50; port++) {
      if (ports.contains(port)) {
        held.add(port);
      }
    }
    assertThat(held).isEqualTo(new TreeSet<>(written));
  }
}
