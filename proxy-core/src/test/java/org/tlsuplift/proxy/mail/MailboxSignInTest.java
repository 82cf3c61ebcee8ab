package org.tlsuplift.proxy.mail;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.testing.ChannelText;

class MailboxSignInTest {
  private int accepted;
  private EmbeddedChannel device;
  private EmbeddedChannel origin;

  private void open(MailProtocol protocol) {
    MailboxSignIn signIn = new MailboxSignIn(protocol, () -> accepted++);
    device = new EmbeddedChannel(signIn);
    origin = new EmbeddedChannel(new ReplyWatch(protocol, reply -> {}, code -> {}, signIn));
  }

  /** Plays lines of the device (D), and of the origin (O). */
  private void play(String dialogue, int pieces) {
    for (String line : dialogue.split(" / ", -1)) {
      EmbeddedChannel from = line.startsWith("D ") ? device : origin;
      String text = line.substring(2).strip() + "\r\n";
      for (int at = 0; at < text.length(); at += pieces) {
        from.writeInbound(text(text.substring(at, Math.min(text.length(), at + pieces))));
      }
      assertThat(ChannelText.passed(from)).isEqualTo(text);
    }
  }

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "IMAP | D a1 LOGIN me secret / O * CAPABILITY IMAP4rev1 / O a1 OK LOGIN completed.",
        "IMAP | D a1 NO-SUCH / O a1 BAD Unknown / D a2 login me secret / O a2 ok in",
        "IMAP | D 7 LOGIN {2} / O + OK / D me {6} / O + OK / D secret / O 7 OK Logged in",
        "IMAP | D x AUTHENTICATE PLAIN / O + / D AG1lAHNlY3JldA== / O x OK in",
        "IMAP | D x AUTHENTICATE PLAIN AG1lAHNlY3JldA== / O x OK in",
        "IMAP | D a LOGIN me wrong / O a NO failed / D b LOGIN me secret / O b OK in",
        "POP3 | O +OK hello / D USER me / O +OK / D PASS secret / O +OK 3 messages",
        "POP3 | D user me / O +OK / D pass secret / O +OK",
        "POP3 | D APOP me 4b2a / O +OK in",
        "POP3 | D AUTH PLAIN / O + / D AG1lAHNlY3JldA== / O +OK in",
        "POP3 | D PASS wrong / O -ERR no / D PASS secret / O +OK in",
      })
  void findsAnAcceptedSignIn(MailProtocol protocol, String dialogue) {
    for (int pieces : new int[] {1, 3, 1000}) {
      accepted = 0;
      open(protocol);
      play(dialogue, pieces);
      assertThat(accepted).as("in pieces of %d", pieces).isOne();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "IMAP | D a1 CAPABILITY / O a1 OK done / D a2 LOGOUT / O * BYE / O a2 OK bye",
        "IMAP | D a LOGIN me wrong / O a NO failed / D b NOOP / O b OK / D a NOOP / O a OK",
        "IMAP | D a LOGIN me wrong / O a BAD what / D b LOGOUT / O b OK",
        "IMAP | D a1 LOGIN me secret / O a11 OK of another / O * OK still here",
        "IMAP | D LOGIN me secret / O LOGIN OK",
        "POP3 | O +OK hello / D CAPA / O +OK list / O . / D USER me / O +OK / D QUIT / O +OK",
        "POP3 | D USER me / O +OK / D PASS wrong / O -ERR no / D QUIT / O +OK bye",
        "POP3 | D AUTH / O +OK the mechanisms follow / O PLAIN / O .",
        "POP3 | D AUTH PLAIN / O + / D AG1lAHNlY3JldA== / O -ERR no / D QUIT / O +OK",
      })
  void ignoresEverythingButAnAcceptedSignIn(MailProtocol protocol, String dialogue) {
    open(protocol);
    play(dialogue, 1000);
    assertThat(accepted).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"IMAP", "POP3"})
  void removesItselfAfterTheSignInOr16KiB(MailProtocol protocol) {
    open(protocol);
    play("D a LOGIN x y / D PASS z / O a OK in / O +OK in", 1000);
    assertThat(device.pipeline().get(MailboxSignIn.class)).isNotNull();
    play("D b NOOP / D PASS z / O b OK / O +OK", 1000);
    assertThat(device.pipeline().get(MailboxSignIn.class)).isNull();
    assertThat(accepted).isOne();

    open(protocol);
    device.writeInbound(text("x".repeat(16 * 1024)));
    assertThat(device.pipeline().get(MailboxSignIn.class)).isNotNull();
    device.writeInbound(text("x"));
    assertThat(device.pipeline().get(MailboxSignIn.class)).isNull();
    device.finishAndReleaseAll();
  }
}
