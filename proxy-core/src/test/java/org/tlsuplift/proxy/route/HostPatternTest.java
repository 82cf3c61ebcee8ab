package org.tlsuplift.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.model.HostPort;

class HostPatternTest {
  @ParameterizedTest
  @CsvSource({
    "outlook.office365.com, outlook.office365.com, true",
    "Outlook.Office365.COM., outlook.office365.com, true",
    "outlook.office365.com, x.outlook.office365.com, false",
    "outlook.office365.com, outlook.office365.com.evil.example, false",
    "*.outlook.com, mail.outlook.com, true",
    "*.outlook.com, a.b.c.outlook.com, true",
    "*.outlook.com, outlook.com, false",
    "*.outlook.com, evil-outlook.com, false",
    "*.outlook.com, mail.outlook.com.evil.example, false",
    "autodiscover.*.onmicrosoft.com, autodiscover.contoso.onmicrosoft.com, true",
    "autodiscover.*.onmicrosoft.com, autodiscover.contoso.mail.onmicrosoft.com, true",
    "autodiscover.*.onmicrosoft.com, autodiscover.onmicrosoft.com, false",
    "autodiscover.*.onmicrosoft.com, contoso.onmicrosoft.com, false",
    "autodiscover.*.onmicrosoft.com, x.autodiscover.contoso.onmicrosoft.com, false",
    "*cdn.onenote.net, cdn.onenote.net, true",
    "*cdn.onenote.net, site-cdn.onenote.net, true",
    "*cdn.onenote.net, a.cdn.onenote.net, true",
    "*cdn.onenote.net, onenote.net, false",
    "spo-*.corp.example, spo-.corp.example, true",
    "spo-*.corp.example, spo-1.corp.example, true",
    "*, anything.example, true",
    "*, 192.0.2.1, true",
    "*.example, 192.0.2.1, false",
    "10.0.0.0/8, 10.1.2.3, true",
    "10.0.0.0/8, ten.example, false",
    "2001:db8::1, 2001:0db8:0::0001, true",
    "2001:db8::/32, 2001:db9::1, false",
    "intranet, intranet, true",
  })
  void meansTheseHosts(String pattern, String host, boolean meant) {
    assertThat(HostPattern.parse(pattern).matches(host)).isEqualTo(meant);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://a.example | 'https://a.example' is a URL; write the host alone",
        ".corp.example     | '.corp.example' begins with a dot; for all names below it write '*.corp.example'",
        "*.*.example       | '*.*.example' has more than one *; write one pattern for each",
        "outlook.*         | 'outlook.*' has its * in the last label, so it matches domains of strangers",
        "corp.exam*        | 'corp.exam*' has its * in the last label, so it matches domains of strangers",
        "*corp.example     | '*corp.example' also matches similar names of other owners; for all names below a domain write '*.contoso.example'",
        "a*.example        | 'a*.example' also matches similar names of other owners; for all names below a domain write '*.contoso.example'",
        "*..example        | '*..example' is not a host name with a *",
        "a b.example       | 'a b.example' is neither a host name, a pattern with * nor an address block",
        "1.2.3             | '1.2.3' is neither a host name, a pattern with * nor an address block",
        "m\u00fcnchen.example   | 'm?nchen.example' has letters outside ASCII; write the name in its xn-- form",
      })
  void refusesInvalidPatterns(String text, String message) {
    assertThatThrownBy(() -> HostPattern.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void refusesEmptyAndOverlongPatterns() {
    for (String text : List.of("", "  ", "a".repeat(254))) {
      assertThatThrownBy(() -> HostPattern.parse(text))
          .hasMessage("expected a host pattern of 1 to 253 characters");
    }
  }

  @ParameterizedTest
  @MethodSource("microsoftPatterns")
  void readsEveryPatternOfMicrosoft(String text) {
    HostPattern pattern = HostPattern.parse(text);
    assertThat(pattern).hasToString(text);
    assertThat(pattern.matches(text.replace("*", "contoso"))).isTrue();
    assertThat(pattern.matches(text.replace("*", "a.b-1"))).isTrue();
    assertThat(pattern.matches(text.replace("*.", ""))).isEqualTo(!text.contains("*"));
    assertThat(pattern.matches(text.replace("*", "x") + ".evil.example")).isFalse();
    assertThat(pattern.matches("evil" + text.replace("*.", ""))).isFalse();
    assertThat(pattern.matches("evil.example")).isFalse();
  }

  @Test
  void testsAllPatternsOfMicrosoft() throws IOException {
    assertThat(microsoftPatterns()).hasSize(57).filteredOn(text -> text.contains("*")).hasSize(21);
  }

  static List<String> microsoftPatterns() throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    HostPatternTest.class.getResourceAsStream("m365-patterns.txt")),
                StandardCharsets.UTF_8))) {
      return reader.lines().toList();
    }
  }

  @Property
  void agreesWithTheSameWrittenAsRegularExpression(
      @ForAll("patterns") String text, @ForAll("hosts") String host) {
    if (catchThrowable(() -> HostPattern.parse(text)) == null) {
      String pattern = HostPort.normalise(text);
      boolean labels = pattern.matches("(.*\\.)?\\*\\..*");
      String regex = Pattern.quote(pattern).replace("*", labels ? "\\E.+\\Q" : "\\E.*\\Q");
      assertThat(HostPattern.parse(text).matches(host)).isEqualTo(host.matches(regex));
    }
  }

  @Property
  void answersEveryTextWithAPatternOrAReason(@ForAll String text) {
    Throwable refusal = catchThrowable(() -> Destination.parse(text));
    if (refusal != null) {
      assertThat(refusal).isInstanceOf(IllegalArgumentException.class).hasMessageMatching(".+");
    } else {
      Destination destination = Destination.parse(text);
      assertThat(Destination.parse(destination.toString())).isEqualTo(destination);
    }
  }

  @Provide
  Arbitrary<String> patterns() {
    return Arbitraries.strings().withChars("aB*.").ofMinLength(1).ofMaxLength(9);
  }

  @Provide
  Arbitrary<String> hosts() {
    return Arbitraries.strings()
        .withChars("ab.")
        .ofMinLength(1)
        .ofMaxLength(9)
        .filter(HostPort::isHostName);
  }
}
