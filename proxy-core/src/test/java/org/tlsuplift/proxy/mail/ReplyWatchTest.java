package org.tlsuplift.proxy.mail;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.testing.ChannelText;

class ReplyWatchTest {
  private final List<String> signIns = new ArrayList<>();

  private static final String REPLIES =
      String.join(
          "\r\n",
          "250 2.0.0 OK",
          "535 5.7.139 Authentication unsuccessful",
          "550-5.7.60 SMTP; not as",
          "550 5.7.60 this sender",
          "");

  @Property(tries = 200)
  void recognisesRepliesSplitAtAnyByte(
      @ForAll @Size(max = 60) List<@IntRange(min = 1, max = 9) Integer> cuts) {
    List<OriginReply> seen = new ArrayList<>();
    EmbeddedChannel channel =
        new EmbeddedChannel(new ReplyWatch(MailProtocol.SMTP, seen::add, signIns::add, null));
    int at = 0;
    for (int i = 0; at < REPLIES.length(); i++) {
      int end = i < cuts.size() ? Math.min(REPLIES.length(), at + cuts.get(i)) : REPLIES.length();
      channel.writeInbound(text(REPLIES.substring(at, end)));
      at = end;
    }
    assertThat(seen)
        .containsExactly(
            OriginReply.SMTP_AUTH_DISABLED, OriginReply.SEND_AS_DENIED, OriginReply.SEND_AS_DENIED);
    assertThat(ChannelText.passed(channel)).isEqualTo(REPLIES);
  }

  @Test
  void watchesAnSmtpSessionToItsEnd() {
    List<OriginReply> seen = new ArrayList<>();
    EmbeddedChannel channel =
        new EmbeddedChannel(new ReplyWatch(MailProtocol.SMTP, seen::add, signIns::add, null));
    channel.writeInbound(text("250 2.0.0 OK\r\n".repeat(5000)));
    channel.writeInbound(text("554 5.2.0 STOREDRV.Submission.Exception\r\n"));
    assertThat(seen).containsExactly(OriginReply.QUOTA_EXCEEDED);
    channel.finishAndReleaseAll();
  }

  @Test
  void removesItselfEarlyFromAMailboxSession() {
    List<OriginReply> seen = new ArrayList<>();
    EmbeddedChannel channel =
        new EmbeddedChannel(new ReplyWatch(MailProtocol.POP3, seen::add, signIns::add, null));
    channel.writeInbound(text("-ERR Logon failure: unknown user name or bad password.\r\n"));
    assertThat(channel.pipeline().get(ReplyWatch.class)).isNotNull();
    channel.writeInbound(text("x".repeat(20_000)));
    assertThat(channel.pipeline().get(ReplyWatch.class)).isNull();
    channel.writeInbound(text("\r\n-ERR Logon failure\r\n"));
    assertThat(seen).containsExactly(OriginReply.LOGIN_FAILED);
    channel.finishAndReleaseAll();
  }

  @Test
  void keepsOnlyTheHeadOfALongLine() {
    List<OriginReply> seen = new ArrayList<>();
    EmbeddedChannel channel =
        new EmbeddedChannel(new ReplyWatch(MailProtocol.SMTP, seen::add, signIns::add, null));
    channel.writeInbound(text("530 5.7.57 " + "x".repeat(50_000)));
    channel.writeInbound(text("\r\n"));
    assertThat(seen).containsExactly(OriginReply.NOT_AUTHENTICATED);
    channel.finishAndReleaseAll();
  }

  @Test
  void readsTheCauseAfterTheSecondCode() {
    List<OriginReply> seen = new ArrayList<>();
    EmbeddedChannel channel =
        new EmbeddedChannel(new ReplyWatch(MailProtocol.SMTP, seen::add, signIns::add, null));
    channel.writeInbound(
        text(
            "530 5.7.57 Client not authenticated to send mail. Error: 535 5.7.139 Authentication"
                + " unsuccessful, the request did not meet the criteria to be authenticated"
                + " successfully. Contact your administrator. [SY5P282CA0097.outlook.com]\r\n"));
    assertThat(seen).containsExactly(OriginReply.CONDITIONAL_ACCESS);
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SMTP | 535 5.7.8 Error: authentication failed | 535",
        "SMTP | 535 Incorrect authentication data | 535",
        "SMTP | 535 | 535",
        "SMTP | 534 5.7.9 Application-specific password required | 534",
        "SMTP | 538 5.7.11 Encryption required | 538",
        "SMTP | 530 5.7.0 Authentication required | 530",
        "SMTP | 454 4.7.0 Temporary authentication failure | 454",
        "IMAP | a1 NO LOGIN wrong username or password | login failed",
        "POP3 | -ERR Invalid user name or password | login failed",
      })
  void recognisesRefusedSignInsOfAnyOrigin(MailProtocol protocol, String line, String code) {
    List<OriginReply> known = new ArrayList<>();
    EmbeddedChannel channel =
        new EmbeddedChannel(new ReplyWatch(protocol, known::add, signIns::add, null));
    channel.writeInbound(text(line + "\r\n"));
    assertThat(signIns).containsExactly(code);
    assertThat(known).isEmpty();
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SMTP | 535 5.7.139 Authentication unsuccessful",
        "SMTP | 454 4.7.1 Relay access denied",
        "SMTP | 5351 x",
        "SMTP | 550 5.1.1 User unknown",
        "IMAP | * 1 FETCH (BODY[] {10}",
        "IMAP | * NO password will expire",
        "POP3 | -ERR Unknown command",
      })
  void reportsNoOtherReplyAsARefusedSignIn(MailProtocol protocol, String line) {
    EmbeddedChannel channel =
        new EmbeddedChannel(new ReplyWatch(protocol, r -> {}, signIns::add, null));
    channel.writeInbound(text(line + "\r\n"));
    assertThat(signIns).isEmpty();
    channel.finishAndReleaseAll();
  }

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }
}
