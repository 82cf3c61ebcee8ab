package org.tlsuplift.proxy.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.OriginReply;

class OriginConversationTest {
  private final List<OriginReply> replies = new ArrayList<>();
  private final List<EmbeddedChannel> channels = new ArrayList<>();

  @AfterEach
  void release() {
    channels.forEach(EmbeddedChannel::finishAndReleaseAll);
  }

  @Test
  void asksAnSmtpOrigin() {
    Talk origin = new Talk(MailProtocol.SMTP);
    Future<List<String>> greeting = origin.conversation.greeting();
    origin.says("220-one\r\n220 two\r\n");
    assertThat(greeting.isSuccess()).isTrue();
    Future<List<String>> capabilities = origin.conversation.capabilities();
    assertThat(origin.heard()).isEqualTo("EHLO [192.0.2.7]\r\n");
    origin.says("250-mail.example.test\r\n250-SIZE 100\r\n250-X\u0001Y\r\n250 starttls\r\n");
    assertThat(capabilities.getNow()).containsExactly("SIZE 100", "starttls");
    assertThat(origin.conversation.offersStartTls(capabilities.getNow())).isTrue();
    Future<List<String>> tls = origin.conversation.startTls();
    assertThat(origin.heard()).isEqualTo("STARTTLS\r\n");
    origin.says("220 go\r\n");
    assertThat(tls.isSuccess()).isTrue();
  }

  /** In ISO 8859-1 one of the two bytes of this letter ends a line of a regular expression. */
  @Test
  void readsAGreetingWithALetterBeyondAscii() {
    Talk origin = new Talk(MailProtocol.SMTP);
    Future<List<String>> greeting = origin.conversation.greeting();
    origin.says("220 mail.example.test \u00c3\u0085lesund\r\n");
    assertThat(greeting.isSuccess()).isTrue();
  }

  @Test
  void asksAnImapOrigin() {
    Talk origin = new Talk(MailProtocol.IMAP);
    Future<List<String>> greeting = origin.conversation.greeting();
    origin.says("* OK [CAPABILITY IMAP4rev1] hello\r\n");
    assertThat(greeting.isSuccess()).isTrue();
    Future<List<String>> capabilities = origin.conversation.capabilities();
    assertThat(origin.heard()).isEqualTo("U1 CAPABILITY\r\n");
    origin.says("* CAPABILITY IMAP4rev1 STARTTLS\r\n* OK still here\r\nU1 OK done\r\n");
    assertThat(capabilities.getNow()).containsExactly("IMAP4rev1", "STARTTLS");
  }

  @Test
  void asksAPop3Origin() {
    Talk origin = new Talk(MailProtocol.POP3);
    Future<List<String>> greeting = origin.conversation.greeting();
    origin.says("+OK <1.2@example.test>\r\n");
    assertThat(greeting.isSuccess()).isTrue();
    Future<List<String>> capabilities = origin.conversation.capabilities();
    assertThat(origin.heard()).isEqualTo("CAPA\r\n");
    origin.says("+OK list\r\nTOP\r\nSTLS\r\n.\r\n");
    assertThat(capabilities.getNow()).containsExactly("TOP", "STLS");
    Future<List<String>> tls = origin.conversation.startTls();
    assertThat(origin.heard()).isEqualTo("STLS\r\n");
    origin.says("-ERR not now\r\n");
    assertThat(refusal(tls).reason()).isEqualTo(CloseReason.ORIGIN_STARTTLS_UNAVAILABLE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SMTP | 554 5.7.1 blocked, see list              | ORIGIN_REFUSED
          SMTP | 421 busy                                 | ORIGIN_REFUSED
          SMTP | SSH-2.0-OpenSSH_9.9                      | ORIGIN_PROTOCOL_ERROR
          IMAP | * BYE too many connections               | ORIGIN_REFUSED
          IMAP | * PREAUTH welcome                        | ORIGIN_REFUSED
          IMAP | +OK this is POP3                         | ORIGIN_PROTOCOL_ERROR
          POP3 | -ERR busy                                | ORIGIN_REFUSED
          POP3 | * OK this is IMAP                        | ORIGIN_PROTOCOL_ERROR
          """)
  void explainsAGreetingThatRefuses(MailProtocol protocol, String line, CloseReason reason) {
    Talk origin = new Talk(protocol);
    Future<List<String>> greeting = origin.conversation.greeting();
    origin.says(line + "\r\n");
    assertThat(refusal(greeting).reason()).isEqualTo(reason);
    assertThat(refusal(greeting)).hasMessageContaining(line);
  }

  @ParameterizedTest
  @CsvSource({"SMTP,220 go", "IMAP,U1 OK go", "POP3,+OK go"})
  void detectsRepliesInjectedAfterStartTls(MailProtocol protocol, String yes) {
    Talk origin = new Talk(protocol);
    Future<List<String>> tls = origin.conversation.startTls();
    origin.says(yes + "\r\n250 injected\r\n");
    assertThat(refusal(tls).reason()).isEqualTo(CloseReason.PLAINTEXT_AFTER_STARTTLS);
  }

  @Test
  void detectsRepliesInjectedBeforeTheHello() {
    Talk origin = new Talk(MailProtocol.SMTP);
    Future<List<String>> tls = origin.conversation.startTls();
    origin.says("220 go\r\n");
    assertThat(tls.isSuccess()).isTrue();
    List<OriginRefusal> unrest = new ArrayList<>();
    origin.conversation.expectSilence(unrest::add);
    origin.says("2");
    origin.says("50 injected\r\n");
    assertThat(unrest)
        .singleElement()
        .extracting(OriginRefusal::reason)
        .isEqualTo(CloseReason.PLAINTEXT_AFTER_STARTTLS);
  }

  @Test
  void detectsAnOriginThatClosesBeforeTheHello() {
    Talk origin = new Talk(MailProtocol.SMTP);
    List<OriginRefusal> unrest = new ArrayList<>();
    origin.conversation.expectSilence(unrest::add);
    var unused = origin.channel.close();
    assertThat(unrest)
        .singleElement()
        .extracting(OriginRefusal::reason)
        .isEqualTo(CloseReason.ORIGIN_REFUSED);
  }

  @Test
  void refusesAnAnswerBeforeTheQuestion() {
    Talk origin = new Talk(MailProtocol.SMTP);
    Future<List<String>> greeting = origin.conversation.greeting();
    origin.says("220 hello\r\n250 STARTTLS\r\n");
    assertThat(refusal(greeting).reason()).isEqualTo(CloseReason.ORIGIN_PROTOCOL_ERROR);
  }

  @Test
  void timesOutAfterFiveSecondsInAll() {
    Talk origin = new Talk(MailProtocol.SMTP);
    Future<List<String>> greeting = origin.conversation.greeting();
    origin.says("220-slow");
    origin.channel.advanceTimeBy(4, TimeUnit.SECONDS);
    origin.channel.runScheduledPendingTasks();
    assertThat(greeting.isDone()).isFalse();
    origin.says("ly\r\n");
    origin.channel.advanceTimeBy(2, TimeUnit.SECONDS);
    origin.channel.runScheduledPendingTasks();
    assertThat(refusal(greeting)).hasMessage("no greeting in time");
  }

  @Test
  void boundsLinesAndTheirLength() {
    Talk origin = new Talk(MailProtocol.SMTP);
    Future<List<String>> greeting = origin.conversation.greeting();
    origin.says("220-x\r\n".repeat(200));
    assertThat(refusal(greeting)).hasMessageContaining("more than 128 lines");
    Talk other = new Talk(MailProtocol.SMTP);
    Future<List<String>> endless = other.conversation.greeting();
    other.says("220 " + "x".repeat(9000));
    assertThat(refusal(endless)).hasMessageContaining("longer than 8192");
  }

  @Test
  void recognisesAKnownRefusal() {
    Talk origin = new Talk(MailProtocol.SMTP);
    Future<List<String>> greeting = origin.conversation.greeting();
    origin.says("421 4.7.66 TLS 1.0 and 1.1 are not supported\r\n");
    assertThat(greeting.isSuccess()).isFalse();
    assertThat(replies).containsExactly(OriginReply.TLS_TOO_OLD);
  }

  @Property(tries = 500)
  void survivesAnything(@ForAll MailProtocol protocol, @ForAll @Size(max = 200) byte[] bytes) {
    Talk origin = new Talk(protocol);
    Future<List<String>> greeting = origin.conversation.greeting();
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    assertThatCode(() -> origin.says(text)).doesNotThrowAnyException();
    var unused = origin.channel.close();
    assertThat(greeting.isDone()).isTrue();
    origin.channel.finishAndReleaseAll();
  }

  private static OriginRefusal refusal(Future<?> failed) {
    assertThat(failed.cause()).isInstanceOf(OriginRefusal.class);
    return (OriginRefusal) failed.cause();
  }

  private final class Talk {
    final OriginConversation conversation;
    final EmbeddedChannel channel =
        new EmbeddedChannel() {
          @Override
          protected SocketAddress localAddress0() {
            return new InetSocketAddress("192.0.2.7", 40000);
          }
        };

    Talk(MailProtocol protocol) {
      conversation = new OriginConversation(protocol, Duration.ofSeconds(5), replies::add);
      channel.pipeline().addLast(conversation);
      channels.add(channel);
    }

    void says(String text) {
      ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
      channel.writeInbound(bytes);
    }

    String heard() {
      ByteBuf said = channel.readOutbound();
      String text = said.toString(StandardCharsets.ISO_8859_1);
      said.release();
      return text;
    }
  }
}
