package org.tlsuplift.proxy.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShortTextTest {
  @Test
  void showsTheFirstAndCountsTheRest() {
    assertThat(ShortText.list(List.of(), ", ", 2)).isEmpty();
    assertThat(ShortText.list(List.of("a", "b"), ", ", 2)).isEqualTo("a, b");
    assertThat(ShortText.list(Collections.nCopies(2000, "a"), "; ", 2))
        .isEqualTo("a; a and 1998 more");
  }

  @Test
  void isCutWhereItIsTooLong() {
    assertThat(ShortText.cut("abc", 3)).isEqualTo("abc");
    assertThat(ShortText.cut("abcd", 3)).isEqualTo("abc...");
  }

  @Test
  void isOneLineOfPrintableAscii() {
    assertThat(ShortText.printable("a\r\n\u001b\u00e4\u007f~ ", 9)).isEqualTo("a?????~ ");
    assertThat(ShortText.quoted("a".repeat(81) + "\n")).isEqualTo("'" + "a".repeat(80) + "...'");
  }

  @Test
  void namesThatAShellMayInterpretAreNotShownInCommands() {
    for (String plain :
        List.of(
            "01a22f2a16b7", "scan.to-mail+1@contoso.com", "[2001:db8::1]:587", "a.example:25")) {
      assertThat(ShortText.argument(plain, "NAME")).isEqualTo(plain);
    }
    for (String hostile :
        List.of(
            "",
            "$(reboot)",
            "a;b",
            "a b",
            "-rf",
            "o'x@a.example",
            "a\nb",
            "`x`",
            "x".repeat(321))) {
      assertThat(ShortText.argument(hostile, "NAME")).isEqualTo("NAME");
    }
  }

  @Test
  void quotesPathsForAShell() {
    assertThat(ShortText.shell("/etc/tls-uplift.yaml")).isEqualTo("/etc/tls-uplift.yaml");
    assertThat(ShortText.shell("/srv/my files/it's")).isEqualTo("'/srv/my files/it'\\''s'");
  }
}
