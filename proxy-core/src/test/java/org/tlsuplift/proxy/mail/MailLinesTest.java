package org.tlsuplift.proxy.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MailLinesTest {
  private static final int LONGEST = 4096;

  @Property
  void linesDoNotDependOnSegmentation(
      @ForAll("lines") List<String> lines,
      @ForAll @Size(max = 40) List<@IntRange(min = 1, max = 9) Integer> cuts) {
    byte[] bytes =
        lines.stream()
            .map(line -> line + "\r\n")
            .reduce("", String::concat)
            .getBytes(StandardCharsets.ISO_8859_1);
    MailLines cutter = new MailLines(MailLines.MAX_LENGTH);
    ByteBuf in = Unpooled.buffer();
    List<String> cut = new ArrayList<>();
    int at = 0;
    for (int i = 0; at < bytes.length; i++) {
      int length = i < cuts.size() ? Math.min(cuts.get(i), bytes.length - at) : bytes.length - at;
      in.writeBytes(bytes, at, length);
      at += length;
      for (String line = cutter.next(in); line != null; line = cutter.next(in)) {
        cut.add(line);
      }
      in.discardSomeReadBytes();
    }
    assertThat(cut).isEqualTo(lines);
    assertThat(in.isReadable()).isFalse();
  }

  @Provide
  Arbitrary<List<String>> lines() {
    // All bytes except LF, and no CR at the end, because it belongs to the line's end.
    return Arbitraries.strings()
        .withCharRange((char) 0, (char) 255)
        .excludeChars('\n')
        .ofMaxLength(60)
        .filter(line -> !line.endsWith("\r"))
        .list()
        .ofMaxSize(8);
  }

  @Test
  void acceptsABareLineFeedAsLineEnd() {
    assertThat(new MailLines(MailLines.MAX_LENGTH).next(text("EHLO printer\nNOOP\n")))
        .isEqualTo("EHLO printer");
  }

  @Test
  void refusesALineThatIsTooLongWithoutWaitingForItsEnd() {
    ByteBuf exact = text("x".repeat(MailLines.MAX_LENGTH));
    assertThat(new MailLines(MailLines.MAX_LENGTH).next(exact)).isNull();
    ByteBuf longer = text("x".repeat(MailLines.MAX_LENGTH + 1));
    assertThatThrownBy(() -> new MailLines(MailLines.MAX_LENGTH).next(longer))
        .isInstanceOf(TooLongFrameException.class)
        .hasMessageContaining("8192");
  }

  @Test
  void readsLinesWithTheirEndsAndKeepsTheRest() {
    MailLines lines = new MailLines(LONGEST);
    ByteBuf in = text("##NOOP\r\n\u00e4\nRSET\r").skipBytes(2);
    assertThat(lines.nextWithEnd(in)).isEqualTo("NOOP\r\n");
    assertThat(lines.nextWithEnd(in)).isEqualTo("\u00e4\n");
    assertThat(lines.nextWithEnd(in)).isNull();
    assertThat(in.toString(StandardCharsets.ISO_8859_1)).isEqualTo("RSET\r");
    assertThat(new MailLines(LONGEST).nextWithEnd(text("\nNOOP\r\n"))).isEqualTo("\n");
  }

  @Test
  void aLineMayHave4096BytesWithItsEnd() {
    String longest = "x".repeat(LONGEST - 2) + "\r\n";
    ByteBuf in = text("##" + longest + "NOOP\r\n").skipBytes(2);
    assertThat(new MailLines(LONGEST).nextWithEnd(in)).isEqualTo(longest);
    assertThatThrownBy(() -> new MailLines(LONGEST).nextWithEnd(text("x" + longest)))
        .isInstanceOf(TooLongFrameException.class)
        .hasMessage("a line is longer than 4096 bytes");
  }

  @Test
  void keepsAnIncompleteLineUpToTheMaximumLength() {
    ByteBuf longest = text("##" + "x".repeat(LONGEST)).skipBytes(2);
    assertThat(new MailLines(LONGEST).nextWithEnd(longest)).isNull();
    assertThat(longest.readableBytes()).isEqualTo(LONGEST);
    assertThatThrownBy(() -> new MailLines(LONGEST).nextWithEnd(text("x".repeat(LONGEST + 1))))
        .isInstanceOf(TooLongFrameException.class);
  }

  @Test
  void overwritesASecretInTheBuffer() {
    ByteBuf in = text("PASS 1\r\nPASS 2\n\n");
    MailLines lines = new MailLines(LONGEST);
    assertThat(lines.nextSecret(in)).asString().isEqualTo("PASS 1");
    assertThat(lines.nextSecret(in)).asString().isEqualTo("PASS 2");
    assertThat(lines.nextSecret(in)).isEmpty();
    assertThat(lines.nextSecret(in)).isNull();
    assertThat(in.toString(0, in.writerIndex(), StandardCharsets.ISO_8859_1)).matches("[\0\r\n]+");
  }

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }
}
