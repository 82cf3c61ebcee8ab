package org.tlsuplift.proxy.mail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.testing.Fuzzed.assertOneLine;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.testing.ChannelText;
import org.tlsuplift.proxy.testing.Fuzzed;

/** Any mail lines that devices and origins may send before TLS. */
class ConversationsFuzzTest {
  /** A command with its literals and one more read, twice because a growing buffer is copied. */
  private static final int MAX_HELD = 1 << 16;

  private record Result(String heard, String passed, List<String> events) {}

  @FuzzTest
  void ofSmtpDevice(byte[] bytes) {
    checkDevice(MailProtocol.SMTP, bytes);
  }

  @FuzzTest
  void ofImapDevice(byte[] bytes) {
    checkDevice(MailProtocol.IMAP, bytes);
  }

  @FuzzTest
  void ofPop3Device(byte[] bytes) {
    checkDevice(MailProtocol.POP3, bytes);
  }

  private static void checkDevice(MailProtocol protocol, byte[] bytes) {
    for (boolean plaintext : List.of(true, false)) {
      Fuzzed.inEachSplit(bytes, pieces -> converse(protocol, plaintext, bytes, pieces));
    }
  }

  private static Result converse(
      MailProtocol protocol, boolean plaintext, byte[] bytes, List<byte[]> pieces) {
    Fuzzed.Memory memory = new Fuzzed.Memory(MAX_HELD + bytes.length);
    ConversedDevice device = new ConversedDevice(protocol, Duration.ZERO, plaintext);
    memory.measure(device.channel);
    StringBuilder heard = new StringBuilder(device.heard());
    StringBuilder passed = new StringBuilder();
    for (byte[] piece : pieces) {
      if (isEnd(device.events)) {
        break;
      }
      device.send(new String(piece, ISO_8859_1));
      heard.append(device.heard());
      passed.append(device.passed());
      memory.assertBounded();
    }
    boolean tls = device.events.contains("starttls") || device.events.contains("pipelined");
    device.channel.checkException();
    device.close();
    memory.assertReleased();
    assertThat(heard.toString()).matches("([ -~]++\r\n)*+");
    device.events.forEach(Fuzzed::assertOneLine);
    if (device.events.contains("starttls")) {
      assertThat(new String(bytes, ISO_8859_1)).endsWith(passed);
    } else if (!plaintext) {
      assertThat(passed).isEmpty();
    }
    // Bytes after STARTTLS in the same read are refused; later bytes are TLS.
    return tls
        ? new Result("", "", List.of("TLS"))
        : new Result(heard.toString(), passed.toString(), device.events);
  }

  private static boolean isEnd(List<String> events) {
    return events.stream().anyMatch(event -> !event.equals("greeted") && !event.equals("starttls"));
  }

  @FuzzTest
  void ofSmtpOrigin(byte[] bytes) {
    checkOrigin(MailProtocol.SMTP, bytes);
  }

  @FuzzTest
  void ofImapOrigin(byte[] bytes) {
    checkOrigin(MailProtocol.IMAP, bytes);
  }

  @FuzzTest
  void ofPop3Origin(byte[] bytes) {
    checkOrigin(MailProtocol.POP3, bytes);
  }

  private static void checkOrigin(MailProtocol protocol, byte[] bytes) {
    for (OriginQuestion question : OriginQuestion.values()) {
      Fuzzed.inEachSplit(bytes, pieces -> answer(protocol, question, bytes, pieces));
    }
  }

  private static Result answer(
      MailProtocol protocol, OriginQuestion question, byte[] bytes, List<byte[]> pieces) {
    Fuzzed.Memory memory = new Fuzzed.Memory(MAX_HELD + bytes.length);
    EmbeddedChannel channel = new EmbeddedChannel();
    memory.measure(channel);
    List<String> events = new ArrayList<>();
    OriginConversation conversation =
        new OriginConversation(protocol, Duration.ofMinutes(5), reply -> {});
    channel
        .pipeline()
        .addLast(conversation, new ReplyWatch(protocol, reply -> {}, code -> {}, null));
    Future<List<String>> answer = ask(conversation, question);
    boolean signIn = question == OriginQuestion.SIGN_IN || question == OriginQuestion.COMMAND;
    StringBuilder passed = new StringBuilder();
    boolean more = false;
    for (byte[] piece : pieces) {
      if (answer.isDone() && !answer.isSuccess()) {
        break;
      }
      more |= answer.isDone();
      channel.writeInbound(Fuzzed.bytes(channel, piece));
      passed.append(ChannelText.passed(channel));
      memory.assertBounded();
    }
    channel.checkException();
    channel.finishAndReleaseAll();
    memory.assertReleased();
    assertThat(new String(bytes, ISO_8859_1)).contains(passed);
    if (answer.isSuccess()) {
      assertThat(passed.isEmpty() || signIn || more).isTrue();
      events.add(answer.getNow().toString());
    } else {
      assertOneLine(String.valueOf(answer.cause().getMessage()));
      more |= answer.cause().getMessage().contains("unexpected bytes");
      events.add(answer.cause().toString());
    }
    // Bytes after a reply in the same read are refused; later bytes belong to the caller.
    return more && !signIn
        ? new Result("", "", List.of("more"))
        : new Result("", signIn && answer.isSuccess() ? passed.toString() : "", events);
  }

  private static Future<List<String>> ask(
      OriginConversation conversation, OriginQuestion question) {
    return switch (question) {
      case GREETING -> conversation.greeting();
      case CAPABILITIES -> conversation.capabilities("printer");
      case START_TLS -> conversation.startTls();
      case HELLO -> conversation.introduce("EHLO printer");
      case SIGN_IN -> conversation.signIn("AUTH XOAUTH2", true);
      case COMMAND -> conversation.command("RSET", Duration.ofMinutes(1));
    };
  }
}
