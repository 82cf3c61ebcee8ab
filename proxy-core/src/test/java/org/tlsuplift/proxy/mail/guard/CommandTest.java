package org.tlsuplift.proxy.mail.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.mail.guard.Command.Expected;
import org.tlsuplift.proxy.outcome.CloseReason;

class CommandTest {
  private static Command next(String text) {
    ByteBuf in = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    try {
      return new CommandReader(true, false).next(in, false);
    } finally {
      in.release();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "EHLO scanner, CAPABILITIES",
    "helo scanner, CAPABILITIES",
    "rset, RESET",
    "NOOP, REPLY",
    "VRFY a~b, REPLY",
    "EXPN list, REPLY",
    "HELP, REPLY",
    "quit, REPLY",
    "data, GO_AHEAD"
  })
  void commandsWithOneReplyPassAsTheyAre(String line, Expected expected) {
    assertThat(next(line + "\r\nNOOP\r\n")).isEqualTo(new Command.Pass(line + "\r\n", expected));
  }

  @Test
  void readsTheSenderAfterMail() {
    assertThat(next("mail from:<a@b.example> SIZE=1\r\n"))
        .isEqualTo(
            new Command.Mail("mail from:<a@b.example> SIZE=1\r\n", " from:<a@b.example> SIZE=1"));
    assertThat(next("MAIL\r\n")).isEqualTo(new Command.Mail("MAIL\r\n", ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"RCPT TO:<a@b.example>", "rcpt TO:<m\u00fcller@b.example> NOTIFY=NEVER"})
  void readsTheRecipientAfterRcpt(String line) {
    assertThat(next(line + "\r\nNOOP\r\n"))
        .isEqualTo(new Command.Recipient(line + "\r\n", line.substring(4)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"NOOP \u0001\r\n", "NOOP \u001f\r\n", "NOOP\t\r\n", "NOOP \u007f\r\n"})
  void controlCharactersDoNotPass(String line) {
    assertThat(next(line))
        .isEqualTo(
            new Command.Refuse(
                "500 5.5.2 A command must be one line without control characters that ends with CRLF"));
  }

  @Test
  void explainsWhyACommandIsRefused() {
    assertThat(next("auth PLAIN\r\n")).isEqualTo(new Command.Refuse("503 5.5.1 Already signed in"));
    assertThat(next("StartTLS\r\n"))
        .isEqualTo(new Command.Refuse("503 5.5.1 TLS cannot start after sign-in"));
    assertThat(next("XCLIENT A=B\r\n"))
        .isEqualTo(new Command.Refuse("502 5.5.1 This command is not supported"));
  }

  @ParameterizedTest
  @CsvSource({
    "BDAT 1, 1",
    "bdat  86 last, 86",
    "'BDAT 999999999999999999 LAST ', 999999999999999999"
  })
  void theBytesOfAChunkAreCounted(String line, long bytes) {
    assertThat(next(line + "\r\n"))
        .isEqualTo(new Command.Refuse(bytes, "502 5.5.1 CHUNKING is not offered: use DATA"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"BDAT", "BDAT -1", "BDAT 1000000000000000000", "BDAT 1 LAST x", "BDAT 0x1"})
  void aChunkOfUnknownSizeEndsTheSession(String line) {
    assertThat(next(line + "\r\n"))
        .isEqualTo(
            new Command.End(
                "501 5.5.4 The size of the chunk is malformed",
                CloseReason.DEVICE_PROTOCOL_ERROR,
                null,
                "BDAT without a valid chunk size"));
  }

  @Test
  void waitsForTheRestOfALine() {
    assertThat(next("NOOP\r")).isNull();
  }
}
