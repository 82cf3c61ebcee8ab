package org.tlsuplift.proxy.mail.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of a message, and the sequences that no server may mistake for it. */
class DataEndTest {
  /**
   * The same rule in another form: a single dot between characters that some servers read as line
   * ends.
   */
  private static final Pattern ALONE = Pattern.compile("(?<=[\r\n\0])\\.(?=[\r\n\0])");

  @Test
  void endsAtTheFirstLineThatIsADot() {
    assertThat(find("text\r\n.\r\nQUIT\r\n")).isEqualTo(9);
  }

  @Test
  void anEmptyMessageIsADotAlone() {
    assertThat(find(".\r\nQUIT\r\n")).isEqualTo(3);
  }

  @Test
  void doubledDotsAndDotsInTextBelongToTheMessage() {
    assertThat(find("..\r\na.b\r\n.x\r\n...\r\n.\r\n")).isEqualTo(21);
  }

  @Test
  void aBareLineFeedWithinTheTextIsNoEnd() {
    assertThat(find("one\ntwo\rthree\r\n.\r\n")).isEqualTo(18);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\n.\n",
        "a\n.\r\n",
        "a\r.\r",
        "a\r.\r\n",
        "a\r\n.\n",
        "a\r\n.\rb",
        "a\r.\n",
        "a\n.\r",
        "a\r\n\0.\r\n",
        "a\r\n.\0\r\n",
        ".\n",
        ".\rb",
        "a\r\r.\r\n"
      })
  void endsThatOnlySomeServersAcceptAreAmbiguous(String data) {
    assertThat(find(data)).isEqualTo(DataEnd.AMBIGUOUS);
  }

  /** The search reads blocks of 256 bytes where the buffer is one piece of memory. */
  @Test
  void theEndIsFoundAtEveryOffsetInEveryKindOfBuffer() {
    for (int length = 0; length < 560; length++) {
      byte[] data = ("x".repeat(length) + "\r\n.\r\nQUIT").getBytes(StandardCharsets.US_ASCII);
      int end = length + 5;
      int half = data.length / 2;
      List<ByteBuf> buffers =
          List.of(
              Unpooled.copiedBuffer(data),
              Unpooled.directBuffer().writeBytes(data),
              Unpooled.copiedBuffer("##".getBytes(StandardCharsets.US_ASCII), data).skipBytes(2),
              Unpooled.directBuffer().writeZero(7).writeBytes(data).slice(7, data.length),
              Unpooled.wrappedBuffer(
                  Unpooled.copiedBuffer(data, 0, half),
                  Unpooled.copiedBuffer(data, half, data.length - half)));
      for (ByteBuf buffer : buffers) {
        assertThat(new DataEnd().find(buffer) - buffer.readerIndex()).isEqualTo(end);
        buffer.release();
      }
    }
  }

  @Property(tries = 3000)
  void resultDoesNotDependOnSegmentation(
      @ForAll("lineNoise") String data,
      @ForAll @Size(max = 40) List<@IntRange(min = 1, max = 4) Integer> cuts) {
    DataEnd end = new DataEnd();
    int at = 0;
    int found = DataEnd.NONE;
    for (int i = 0; at < data.length() && found == DataEnd.NONE; i++) {
      int to = i < cuts.size() ? Math.min(data.length(), at + cuts.get(i)) : data.length();
      // As on the wire, the pieces do not start at index 0.
      ByteBuf piece = bytes("##" + data.substring(at, to)).skipBytes(2);
      int inPiece = end.find(piece);
      found = inPiece < 0 ? inPiece : at + inPiece - 2;
      at = to;
    }
    assertThat(found).isEqualTo(reference(data));
  }

  @Provide
  Arbitrary<String> lineNoise() {
    Arbitrary<String> noise =
        Arbitraries.strings().withChars('\r', '\n', '.', '\0', 'a').ofMaxLength(30);
    // More than a block or two without dots.
    Arbitrary<String> plain = Arbitraries.of(0, 0, 200, 256, 300, 520).map("a"::repeat);
    return Combinators.combine(noise, plain, noise)
        .as((one, between, other) -> one + between + other);
  }

  /** Examines the whole message at once. */
  private static int reference(String data) {
    String whole = "\r\n" + data;
    Matcher alone = ALONE.matcher(whole);
    if (!alone.find()) {
      return DataEnd.NONE;
    }
    int dot = alone.start();
    boolean led = dot >= 2 && whole.charAt(dot - 2) == '\r' && whole.charAt(dot - 1) == '\n';
    if (!led || whole.charAt(dot + 1) != '\r') {
      return DataEnd.AMBIGUOUS;
    }
    if (dot + 2 == whole.length()) {
      return DataEnd.NONE;
    }
    return whole.charAt(dot + 2) == '\n' ? dot + 3 - 2 : DataEnd.AMBIGUOUS;
  }

  private static int find(String data) {
    return new DataEnd().find(bytes(data));
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }
}
