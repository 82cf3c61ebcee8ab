package org.tlsuplift.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WildcardNameTest {
  private static WildcardName wildcard(String name) {
    return WildcardName.of(name).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "contoso.example",
        "*",
        "*.",
        "*.example",
        "a.*.example",
        "m*.contoso.example",
        "*.*.example"
      })
  void isAWholeLabelBeforeTwoOthers(String none) {
    assertThat(WildcardName.of(none)).isEmpty();
  }

  @Test
  void standsForOneLabel() {
    assertThat(wildcard("*.contoso.example").covers("mail.contoso.example")).isTrue();
    assertThat(wildcard("*.contoso.example").covers("contoso.example")).isFalse();
    assertThat(wildcard("*.contoso.example").covers("a.mail.contoso.example")).isFalse();
    assertThat(wildcard("*.contoso.example").covers("mailcontoso.example")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "*.contoso.example, *, true, true",
    "*.contoso.example, *.contoso.example, true, true",
    "*.mail.contoso.example, *.contoso.example, true, true",
    "*.cdn.contoso.example, *cdn.contoso.example, true, true",
    "*.contoso.example, mail.contoso.example, false, true",
    "*.contoso.example, a.mail.contoso.example, false, false",
    "*.contoso.example, *mail.contoso.example, false, true",
    "*.contoso.example, x.*.contoso.example, false, true",
    "*.contoso.example, *.fabrikam.example, false, false",
    "*.contoso.example, *.notcontoso.example, false, false",
    "*.contoso.example, 10.0.0.0/8, false, false",
  })
  void fitsPatterns(String name, String pattern, boolean within, boolean mayMeet) {
    HostPattern hosts = HostPattern.parse(pattern);
    assertThat(wildcard(name).isWithin(hosts)).isEqualTo(within);
    assertThat(wildcard(name).mayMeet(hosts)).isEqualTo(mayMeet);
  }
}
