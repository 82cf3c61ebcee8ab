package org.tlsuplift.proxy.mail.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.mail.guard.Command.Expected;

class ReplySplitterTest {
  private final List<Boolean> goAheads = new ArrayList<>();
  private final ReplySplitter replies =
      new ReplySplitter(
          new CapabilityFilter(MailPolicy.NONE, true),
          false,
          (kind, message, line) -> {
            if (kind == Expected.GO_AHEAD) {
              goAheads.add(line.startsWith("354"));
            }
          });

  private String take(String text) {
    ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    ByteBuf shown = replies.take(UnpooledByteBufAllocator.DEFAULT, bytes);
    String seen = shown.toString(StandardCharsets.ISO_8859_1);
    shown.release();
    assertThat(bytes.refCnt()).as("kept").isEqualTo(text.endsWith("\n") ? 0 : 1);
    return seen;
  }

  private String capabilities(String text) {
    replies.expect(Expected.CAPABILITIES);
    String shown = take(text);
    assertThat(replies.outstanding()).isZero();
    return shown;
  }

  @Test
  void aReplyOfSeveralLinesAnswersOneCommand() {
    replies.expect(Expected.REPLY);
    replies.expect(Expected.REPLY);
    assertThat(take("250-one\r\n250-two\r\n")).isEqualTo("250-one\r\n250-two\r\n");
    assertThat(replies.outstanding()).isEqualTo(2);
    take("250 three\r\n");
    assertThat(replies.outstanding()).isEqualTo(1);
    take("250\r\n");
    assertThat(replies.outstanding()).isZero();
  }

  @Test
  void aLineWithoutACodeIsAReplyToo() {
    replies.expect(Expected.REPLY);
    assertThat(take("25\n")).isEqualTo("25\n");
    assertThat(replies.outstanding()).isZero();
  }

  /** RFC 5321 section 3.8: 421 may come at any time. */
  @Test
  void aReplyToNothingPasses() {
    assertThat(take("421 4.3.2 Shutting down\r\n")).isEqualTo("421 4.3.2 Shutting down\r\n");
    assertThat(replies.outstanding()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"354 Go on, true", "'354-Go\r\n354 on', true", "503 No, false", "250 OK, false"})
  void aMessageMayFollow354Only(String reply, boolean goAhead) {
    replies.expect(Expected.GO_AHEAD);
    take(reply + "\r\n");
    assertThat(goAheads).containsExactly(goAhead);
  }

  @Test
  void nothingIsShownOfAListBeforeItIsComplete() {
    replies.expect(Expected.CAPABILITIES);
    assertThat(take("250-origin\r\n250-SIZE\r\n")).isEmpty();
    assertThat(take("250 8BITMIME\r\n")).isEqualTo("250-origin\r\n250-SIZE\r\n250 8BITMIME\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "STARTTLS",
        "AUTH LOGIN PLAIN",
        "AUTH=LOGIN",
        "auth login",
        "CHUNKING",
        "BINARYMIME",
        "BURL imap",
        "XCLIENT NAME ADDR",
        "XFORWARD NAME",
        "ETRN"
      })
  void hidesCapabilitiesThatTheGuardRefuses(String capability) {
    assertThat(capabilities("250-origin\r\n250-" + capability + "\r\n250 SIZE\r\n"))
        .isEqualTo("250-origin\r\n250 SIZE\r\n");
    assertThat(capabilities("250-origin\r\n250-SIZE\r\n250 " + capability + "\r\n"))
        .isEqualTo("250-origin\r\n250 SIZE\r\n");
    assertThat(capabilities("250-origin\r\n250 " + capability + "\r\n"))
        .isEqualTo("250 origin\r\n");
    assertThat(capabilities("250-origin\r\n250" + capability + "\r\n")).isEqualTo("250 origin\r\n");
  }

  @Test
  void keepsTheNameOfAnOriginThatLooksLikeACapability() {
    assertThat(capabilities("250-AUTH\r\n250 SIZE\r\n")).isEqualTo("250-AUTH\r\n250 SIZE\r\n");
    assertThat(capabilities("250 ETRN\r\n")).isEqualTo("250 ETRN\r\n");
  }

  @Test
  void anErrorInPlaceOfTheListIsShownAsItIs() {
    assertThat(capabilities("502 AUTH first\r\n")).isEqualTo("502 AUTH first\r\n");
    assertThat(capabilities("550-no\r\n550 AUTH LOGIN\r\n"))
        .isEqualTo("550-no\r\n550 AUTH LOGIN\r\n");
  }

  /** RFC 5321 section 4.2: the text may be missing, and the space before it. */
  @Test
  void linesWithoutTextKeepTheirEnds() {
    assertThat(capabilities("250-origin\r\n250\r\n")).isEqualTo("250-origin\r\n250 \r\n");
    assertThat(capabilities("250\r\n")).isEqualTo("250 \r\n");
    assertThat(capabilities("250-origin\r\n250-\r\n250 AUTH\r\n"))
        .isEqualTo("250-origin\r\n250 \r\n");
    assertThat(capabilities("250-origin\r\n250\n")).isEqualTo("250-origin\r\n250 \n");
    assertThat(capabilities("250-origin\r\n25\n")).isEqualTo("250-origin\r\n25\n");
    assertThat(capabilities("250-origin\r\n2\n")).isEqualTo("250-origin\r\n2\n");
  }

  @Test
  void aListHas100LinesAtMostAndTheNextBeginsFromZero() {
    String ninetyNine = "250-X\r\n".repeat(99);
    assertThat(capabilities(ninetyNine + "250 SIZE\r\n")).endsWith("250-X\r\n250 SIZE\r\n");
    assertThat(capabilities(ninetyNine + "250 SIZE\r\n")).endsWith("250-X\r\n250 SIZE\r\n");
    replies.expect(Expected.CAPABILITIES);
    assertThat(take(ninetyNine + "250-X\r\n")).isEmpty();
    assertThatThrownBy(() -> take("250 SIZE\r\n"))
        .isInstanceOf(TooLongFrameException.class)
        .hasMessage("more than 100 capabilities");
  }

  @Test
  void aLineThatIsTooLongKeepsNothing() {
    ByteBuf begun = Unpooled.copiedBuffer("250 " + "x".repeat(4000), StandardCharsets.US_ASCII);
    ByteBuf more = Unpooled.copiedBuffer("x".repeat(100), StandardCharsets.US_ASCII);
    replies.take(UnpooledByteBufAllocator.DEFAULT, begun).release();
    assertThatThrownBy(() -> replies.take(UnpooledByteBufAllocator.DEFAULT, more))
        .isInstanceOf(TooLongFrameException.class);
    assertThat(begun.refCnt()).isZero();
    assertThat(more.refCnt()).isZero();
  }
}
