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

/** Lines, however they come. */
class MailLinesTest {
  @Property
  void cutsTheSameLinesHoweverTheyAreSplit(
      @ForAll("lines") List<String> lines,
      @ForAll @Size(max = 40) List<@IntRange(min = 1, max = 9) Integer> cuts) {
    byte[] bytes =
        lines.stream()
            .map(line -> line + "\r\n")
            .reduce("", String::concat)
            .getBytes(StandardCharsets.ISO_8859_1);
    MailLines cutter = new MailLines();
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
    // All bytes but LF, and no CR at the end, which belongs to the line's end.
    return Arbitraries.strings()
        .withCharRange((char) 0, (char) 255)
        .excludeChars('\n')
        .ofMaxLength(60)
        .filter(line -> !line.endsWith("\r"))
        .list()
        .ofMaxSize(8);
  }

  @Test
  void takesABareLineFeedForAnEnd() {
    assertThat(new MailLines().next(text("EHLO printer\nNOOP\n"))).isEqualTo("EHLO printer");
  }

  @Test
  void refusesALineThatIsTooLongWithoutWaitingForItsEnd() {
    ByteBuf exact = text("x".repeat(MailLines.MAX_LENGTH));
    assertThat(new MailLines().next(exact)).isNull();
    ByteBuf longer = text("x".repeat(MailLines.MAX_LENGTH + 1));
    assertThatThrownBy(() -> new MailLines().next(longer))
        .isInstanceOf(TooLongFrameException.class)
        .hasMessageContaining("8192");
  }

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }
}
