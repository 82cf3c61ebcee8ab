package org.tlsuplift.proxy.signin.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Lines as they come, and the form of our own replies. */
class GuardLinesTest {
  private static final int LONGEST = 4096;

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  @Test
  void takesLinesWithTheirEndsAndLeavesTheRest() {
    ByteBuf in = bytes("##NOOP\r\n\u00e4\nRSET\r").skipBytes(2);
    assertThat(GuardLines.next(in)).isEqualTo("NOOP\r\n");
    assertThat(GuardLines.next(in)).isEqualTo("\u00e4\n");
    assertThat(GuardLines.next(in)).isNull();
    assertThat(in.toString(StandardCharsets.ISO_8859_1)).isEqualTo("RSET\r");
    assertThat(GuardLines.next(bytes("\nNOOP\r\n"))).isEqualTo("\n");
  }

  @Test
  void aLineMayHave4096BytesWithItsEnd() {
    String longest = "x".repeat(LONGEST - 2) + "\r\n";
    ByteBuf in = bytes("##" + longest + "NOOP\r\n").skipBytes(2);
    assertThat(GuardLines.next(in)).isEqualTo(longest);
    assertThatThrownBy(() -> GuardLines.next(bytes("x" + longest)))
        .isInstanceOf(TooLongFrameException.class)
        .hasMessage("a line is longer than 4096 bytes");
  }

  @Test
  void whatHasNoEndYetIsKeptUpToTheSameBound() {
    ByteBuf longest = bytes("##" + "x".repeat(LONGEST)).skipBytes(2);
    assertThat(GuardLines.next(longest)).isNull();
    assertThat(longest.readableBytes()).isEqualTo(LONGEST);
    assertThatThrownBy(() -> GuardLines.next(bytes("x".repeat(LONGEST + 1))))
        .isInstanceOf(TooLongFrameException.class);
  }

  @Test
  void aReplyOfOursIsPrintableAscii() {
    assertThat(GuardLines.reply("550 5.7.60 <~m\u00fcller\u007f\r\n250 ok\u001f>"))
        .isEqualTo("550 5.7.60 <~m?ller???250 ok?>\r\n");
  }

  @Test
  void aReplyOfOursHas400CharactersAtMost() {
    assertThat(GuardLines.reply("5".repeat(400))).isEqualTo("5".repeat(400) + "\r\n");
    assertThat(GuardLines.reply("5".repeat(401))).isEqualTo("5".repeat(400) + "\r\n");
  }

  /** Whatever a device or an administrator put into it, a reply is one line of one reply. */
  @Property(tries = 500)
  void aReplyOfOursIsOneLine(@ForAll String text) {
    assertThat(GuardLines.reply(text)).matches("[ -~]{0,400}\r\n");
  }
}
