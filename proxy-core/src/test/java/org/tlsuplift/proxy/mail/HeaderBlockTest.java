package org.tlsuplift.proxy.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.mail.RewrittenData.KEEP;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers with another sender. In these examples {@code ~} stands for CRLF. */
class HeaderBlockTest {
  private static final RewriteFrom NAMED =
      new RewriteFrom("scanner@contoso.example", "Scanner 2", RewriteFrom.ReplyTo.NONE);
  private static final RewriteFrom REPLYING =
      new RewriteFrom("scanner@contoso.example", null, RewriteFrom.ReplyTo.ORIGINAL);

  private static String rewritten(RewriteFrom to, String data) {
    return RewrittenData.of(to, data.replace("~", "\r\n")).replace("\r\n", "~");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "From: old@printer.example | From: scanner@contoso.example",
        "From:old@printer.example | From: scanner@contoso.example",
        "from: <old@printer.example> | from: <scanner@contoso.example>",
        "FROM:<old@printer.example> | FROM: scanner@contoso.example",
        "From : Fax <old@printer.example> | From : Fax <scanner@contoso.example>",
        "From: Fax 2nd floor <old@printer.example> | From: Fax 2nd floor <scanner@contoso.example>",
        "From: \"Fax, 2nd <floor>\" <old@printer.example> | From: \"Fax, 2nd <floor>\" <scanner@contoso.example>",
        "From: \"a \\\" b\" <old@printer.example> | From: \"a \\\" b\" <scanner@contoso.example>",
        "From: \"ceo@contoso.example\" <old@printer.example> | From: \"ceo@contoso.example\" <scanner@contoso.example>",
        "From: =?utf-8?Q?M=C3=BCller?= <old@printer.example> | From: =?utf-8?Q?M=C3=BCller?= <scanner@contoso.example>",
        "From: J\u00c3\u00b6rg <old@printer.example> | From: J\u00c3\u00b6rg <scanner@contoso.example>",
        "From: old@printer.example (Fax (2nd) floor) | From: scanner@contoso.example (Fax (2nd) floor)",
        "From: (a) old@printer.example (b) | From: scanner@contoso.example (a)",
        "From: Fax (room <7>) <old@printer.example> (x) | From: Fax (room <7>) <scanner@contoso.example>",
        "From: <@relay.example:old@printer.example> | From: <scanner@contoso.example>",
        "From: a@b.example, Fax <c@d.example> | From: scanner@contoso.example",
        "From: Fax <c@d.example>, \"Other\" <a@b.example> | From: Fax <scanner@contoso.example>",
        "From: Team: Fax <c@d.example>, a@b.example; | From: Team <scanner@contoso.example>",
        "From: | From: scanner@contoso.example",
        "From:~ Fax~\t<old@printer.example> | From:~ Fax~\t<scanner@contoso.example>",
        "From: \"Fax~ 2nd\"~ <old@printer.example> | From: \"Fax~ 2nd\"~ <scanner@contoso.example>"
      })
  void theAddressIsReplacedAndTheNameKept(String old, String changed) {
    String before = "Received: by x~ with y~Subject: a~";
    String after = "To: b@c.example~~From: body@x.example~.~";
    assertThat(rewritten(KEEP, before + old + "~" + after))
        .isEqualTo(before + changed + "~" + after);
  }

  /** A name that some programs would read as the address is worse than none. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "From: ceo@contoso.example <old@printer.example>",
        "From: ceo@contoso.example> <old@printer.example>",
        "From: \\x <old@printer.example>",
        "From: \"unfinished <old@printer.example>",
        "From: Fax (unfinished <old@printer.example>",
        "From: [x] <old@printer.example>"
      })
  void aNameThatIsNoPhraseIsNotKept(String old) {
    assertThat(rewritten(KEEP, old + "~~x~.~")).isEqualTo("From: scanner@contoso.example~~x~.~");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "Scanner 2 | Scanner 2",
        "Scan, 2nd floor | \"Scan, 2nd floor\"",
        "a \"b\" \\ c | \"a \\\"b\\\" \\\\ c\"",
        "M\u00fcller | =?UTF-8?B?TcO8bGxlcg==?=",
        "=?x?= | =?UTF-8?B?PT94Pz0=?=",
        "\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac | =?UTF-8?B?4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs?= =?UTF-8?B?4oKs?="
      })
  void aNameIsWrittenAsAPhrase(String name, String phrase) {
    RewriteFrom to = new RewriteFrom("a@b.example", name, RewriteFrom.ReplyTo.NONE);
    assertThat(rewritten(to, "From: \"Old\"~ <old@x.example>~~x~.~"))
        .isEqualTo("From: " + phrase + " <a@b.example>~~x~.~");
  }

  @Test
  void theSenderFieldIsReplacedToo() {
    assertThat(rewritten(NAMED, "Sender: a@b.example~From: x@y.example~Sender: c@d.example~~x~.~"))
        .isEqualTo(
            "Sender: Scanner 2 <scanner@contoso.example>~From: Scanner 2"
                + " <scanner@contoso.example>~Sender: Scanner 2 <scanner@contoso.example>~~x~.~");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Resent-From: a@b.example",
        "X-From: a@b.example",
        "Fromage: a@b.example",
        "Envelope-From: a@b.example",
        "Return-Path: <a@b.example>",
        "Reply-To: a@b.example"
      })
  void otherFieldsStay(String field) {
    assertThat(rewritten(KEEP, "From: x@y.example~" + field + "~~x~.~"))
        .isEqualTo("From: scanner@contoso.example~" + field + "~~x~.~");
  }

  @Test
  void onlyTheFirstOfSeveralFromFieldsRemains() {
    assertThat(rewritten(KEEP, "From: A <a@x.example>~To: t@x.example~from: b~ <b@x>~S: x~~y~.~"))
        .isEqualTo("From: A <scanner@contoso.example>~To: t@x.example~S: x~~y~.~");
  }

  @ParameterizedTest
  @CsvSource({
    "'Subject: x~~y~.~','Subject: x~From: scanner@contoso.example~~y~.~'",
    "'Subject: x~.~','Subject: x~From: scanner@contoso.example~.~'",
    "'Subject: x~ folded~no header~.~','Subject: x~ folded~From: scanner@contoso.example~~no header~.~'",
    "'~From: y@z.example~.~','From: scanner@contoso.example~~From: y@z.example~.~'",
    "'only text~.~','From: scanner@contoso.example~~only text~.~'",
    "' From: x@y.example~.~','From: scanner@contoso.example~~ From: x@y.example~.~'",
    "'.~','From: scanner@contoso.example~~.~'"
  })
  void aMessageWithoutFromGetsOne(String data, String changed) {
    assertThat(rewritten(KEEP, data)).isEqualTo(changed);
  }

  @Test
  void mboxSeparatorBelongsToTheHeader() {
    assertThat(rewritten(KEEP, "From root Fri Nov 27 09:29:57 2026~From: x@y.example~~z~.~"))
        .isEqualTo("From root Fri Nov 27 09:29:57 2026~From: scanner@contoso.example~~z~.~");
  }

  /** Some servers drop control characters from a name, and would find a second From field. */
  @Test
  void aMailboxLineWhoseNameCouldBeFromEndsTheHeader() {
    assertThat(rewritten(KEEP, "From \0: ceo@contoso.example~~z~.~"))
        .isEqualTo("From: scanner@contoso.example~~From \0: ceo@contoso.example~~z~.~");
  }

  @Test
  void repliesGoToTheDevicesOwnSender() {
    assertThat(rewritten(REPLYING, "From: A~ <a@x.example>~To: b@x.example~~y~.~"))
        .isEqualTo(
            "From: A~ <scanner@contoso.example>~Reply-To: A~ <a@x.example>~To: b@x.example~~y~.~");
    assertThat(rewritten(REPLYING, "reply-to: c@x.example~From: a@x.example~~y~.~"))
        .isEqualTo("reply-to: c@x.example~From: scanner@contoso.example~~y~.~");
    assertThat(rewritten(REPLYING, "Subject: x~~y~.~"))
        .isEqualTo(
            "Subject: x~From: scanner@contoso.example~Reply-To: <old@printer.example>~~y~.~");
  }

  /** Some servers end lines there, and others find a From field that this one does not see. */
  @ParameterizedTest
  @CsvSource({
    "'Subject: a\nFrom: ceo@contoso.example\r\n\r\nx\r\n.\r\n','Subject: a\r\nFrom: scanner@contoso.example\r\n\r\nx\r\n.\r\n'",
    "'Subject: a\rFrom: ceo@contoso.example\r\n\r\nx\r\n.\r\n','Subject: a\r\nFrom: scanner@contoso.example\r\n\r\nx\r\n.\r\n'",
    "'Subject: a\nFrom: ceo@contoso.example\n\nx\r\n.\r\n','Subject: a\r\nFrom: scanner@contoso.example\r\n\r\nx\r\n.\r\n'",
    "'Subject: a\r\n.From: ceo@contoso.example\r\n\r\nx\r\n.\r\n','Subject: a\r\n.From: scanner@contoso.example\r\n\r\nx\r\n.\r\n'",
    "'From: a\r\n. b\r\n.\t<ceo@contoso.example>\r\n\r\nx\r\n.\r\n','From: a\r\n. b\r\n.\t<scanner@contoso.example>\r\n\r\nx\r\n.\r\n'"
  })
  void aFieldAfterABareLineEndOrADotIsReplaced(String data, String changed) {
    String result = RewrittenData.of(KEEP, data);
    assertThat(result).doesNotContain("ceo@").contains("scanner@contoso.example");
    if (!data.startsWith("From: a")) {
      assertThat(result).isEqualTo(changed);
    }
  }

  /** A device doubles only dots after CRLF, and the line end before the body becomes CRLF. */
  @ParameterizedTest
  @CsvSource({"'.x','..x'", "'..x','..x'", "'...x','...x'", "'....x','....x'", "'a.x','a.x'"})
  void keepsTheDotOfTheBodyAfterABareLineEnd(String line, String changed) {
    for (String separator : List.of("\n", "\r")) {
      assertThat(RewrittenData.of(KEEP, "To: x" + separator + separator + line + "\r\ny\r\n.\r\n"))
          .endsWith("\r\n\r\n" + changed + "\r\ny\r\n.\r\n");
    }
    assertThat(RewrittenData.of(KEEP, "To: x\r\n\r\n" + line + "\r\n.\r\n"))
        .endsWith("\r\n\r\n" + line + "\r\n.\r\n");
  }

  /** Some servers skip such a line, and read the fields after it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "no colon",
        "Na\0me: x",
        "\0",
        "N\u00e4me: x",
        "\u00a0: x",
        "Name\u000b: x",
        "From\u000b: ceo@contoso.example",
        "From\f: ceo@contoso.example",
        "Fr\0om: ceo@contoso.example",
        "two words: x",
        ": x",
        "..",
        "From ceo@contoso.example",
        "\r",
        "\r x",
        "\n",
        "\n\n"
      })
  void aLineThatIsNoFieldEndsTheHeaderForEveryServer(String line) {
    for (String before : List.of("To: b@c.example\r\n", "From: a@b.example\r\n", "To: x\n")) {
      String rest = line + "\r\nFrom: ceo@contoso.example\r\n\r\nx\r\n.\r\n";
      String result = RewrittenData.of(KEEP, before + rest);
      int end = result.indexOf("\r\n\r\n");
      assertThat(result.substring(0, end))
          .contains("From: scanner@contoso.example")
          .doesNotContain("ceo@")
          .matches("([!-~]+: [!-~]+(\r\n|$))+");
      assertThat(result.substring(end + 4)).isEqualTo(rest.replaceFirst("^(\r\n|\r|\n)", ""));
    }
  }

  /** A server for which only CRLF ends a line would read the address in the second field. */
  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r"})
  void aFieldAfterABareLineEndIsNotPartOfTheSender(String lineEnd) {
    String data = "From: a@b.example" + lineEnd + "X: <ceo@contoso.example>\r\n\r\nx\r\n.\r\n";
    assertThat(RewrittenData.of(KEEP, data))
        .isEqualTo("From: scanner@contoso.example\r\nX: <ceo@contoso.example>\r\n\r\nx\r\n.\r\n");
  }

  /** Some programs end a text at a NUL. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "From: ceo\0 <a@b.example>",
        "From: \"ceo\0\" <a@b.example>",
        "From: a@b.example (ceo\0)",
        "From: ceo\u000b <a@b.example>",
        "Sender: ceo\u007f <a@b.example>"
      })
  void aNameWithAControlCharacterIsNotKept(String old) {
    assertThat(rewritten(KEEP, old + "~~x~.~"))
        .startsWith(old.substring(0, old.indexOf(':')) + ": scanner@contoso.example~");
  }

  /** Some servers end the header at a line of white space, and would see only the name. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "From: \"ceo@x.example\"~ ~ <a@b.example> | From: \"ceo@x.example\"~ <scanner@contoso.example>",
        "From: ceo~. \t~ ~. <a@b.example> | From: ceo~. <scanner@contoso.example>",
        "Sender: a@b.example (ceo~ ~ x) | Sender: scanner@contoso.example (ceo~ x)"
      })
  void dropsBlankLinesWithinTheSender(String old, String changed) {
    assertThat(rewritten(KEEP, old + "~~x~.~")).startsWith(changed + "~");
  }

  @Test
  void aVeryLongNameGetsALineOfItsOwn() {
    String name = "x".repeat(975);
    assertThat(rewritten(KEEP, "From: " + name + " <a@b.example>~~y~.~"))
        .isEqualTo("From: " + name + " ~ <scanner@contoso.example>~~y~.~");
  }

  @Test
  void theLargestHeaderPassesAndAnyLargerDoesNot() {
    String from = "From: a@b.example\r\n";
    String field = "X: " + "y".repeat(995) + "\r\n";
    String many = field.repeat((HeaderBlock.MAX_BYTES - from.length()) / field.length());
    int rest = HeaderBlock.MAX_BYTES - from.length() - many.length() - "Z: \r\n".length();
    String header = many + "Z: " + "z".repeat(rest) + "\r\n" + from;
    assertThat(header).hasSize(HeaderBlock.MAX_BYTES);
    RewrittenData largest = RewrittenData.of(KEEP, "", header + "\r\nbody\r\n.\r\n", List.of(9));
    assertThat(largest.accepted()).isTrue();
    assertThat(largest.text()).endsWith("From: scanner@contoso.example\r\n\r\nbody\r\n.\r\n");
    RewrittenData larger = RewrittenData.of(KEEP, "", "A" + header + "\r\nx\r\n.\r\n", List.of(9));
    assertThat(larger.accepted()).isFalse();
    assertThat(larger.text()).isEmpty();
  }

  @Test
  void refusesAHeaderLineBeyondTheMaximumSize() {
    assertThat(
            RewrittenData.of(
                    KEEP, "", "X: " + "x".repeat(70_000) + "\r\n\r\ny\r\n.\r\n", List.of(66_000))
                .accepted())
        .isFalse();
  }

  @Property(tries = 1000)
  void resultDoesNotDependOnSegmentation(
      @ForAll @Size(max = 200) List<@IntRange(min = 1, max = 9) Integer> cuts,
      @ForAll @IntRange(max = 2) int which) {
    String data =
        List.of(
                "Subject: a\r\n b\r\nFrom: \"A\r\n B\"\r\n <x@y.example>\r\nSender: q\r\n\r\n..\r\n.\r\n",
                "Subject: a\nFrom: x@y.example\r\r\n\r\n\nx\r\n.\r\n",
                "Subject: a\r\nFrom : x@y.example\r\n.\r\n")
            .get(which);
    assertThat(RewrittenData.of(REPLYING, "e@f.example", data, cuts))
        .isEqualTo(RewrittenData.of(REPLYING, "e@f.example", data, List.of()));
  }
}
