package org.tlsuplift.server.text;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** What text from outside looks like in a line. */
class PrintableTest {
  @Test
  void keepsTextOfAnyLanguage() {
    assertThat(Printable.text("Café 北京 \"C:\\temp\" €")).isEqualTo("Café 北京 \"C:\\temp\" €");
  }

  @Test
  void escapesLineEndsAndControlCharacters() {
    assertThat(Printable.text("a\r\nb\u001b[31m\u0000\u007f\u0085\u009b\tc"))
        .isEqualTo("a\\r\\nb\\x1b[31m\\x00\\x7f\\x85\\x9b\\tc");
    assertThat(Printable.text("a\u2028b\u2029c\u202ed\u2066e\ufefff"))
        .isEqualTo("a\\u2028b\\u2029c\\u202ed\\u2066e\\ufefff");
    assertThat(Printable.text("\ud800x\udc00")).isEqualTo("\\ud800x\\udc00");
  }

  @Test
  void namesTheFirstHiddenCharacter() {
    assertThat(Printable.hidden("Café 北京 \"C:\\temp\" €")).isEmpty();
    assertThat(Printable.hidden("a\u202eb\n")).contains("U+202E");
    assertThat(Printable.hidden("a\nb")).contains("U+000A");
  }

  @Test
  void escapesQuotationMarks() {
    assertThat(Printable.quoted("x\" device=\"10.0.0.1")).isEqualTo("x\\\" device=\\\"10.0.0.1");
    assertThat(Printable.quoted("\\")).isEqualTo("\\\\");
  }

  @Test
  void shortensLongText() {
    assertThat(Printable.text("x".repeat(1 << 20)))
        .isEqualTo("x".repeat(Printable.MAX_LENGTH) + "...");
  }

  @Property
  void isOneLineForAnyInput(@ForAll String text) {
    assertThat(Printable.quoted(text).lines()).hasSizeLessThanOrEqualTo(1);
    assertThat(Printable.quoted(text).codePoints())
        .noneMatch(Character::isISOControl)
        .noneMatch(each -> Character.getType(each) == Character.FORMAT);
  }
}
