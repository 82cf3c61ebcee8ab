package org.tlsuplift.proxy.mail;

import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.testing.ChannelText;
import org.tlsuplift.proxy.testing.Fuzzed;

/** A device in a conversation whose listener replies at once and records the callbacks. */
final class ConversedDevice implements DeviceConversation.Callbacks, AutoCloseable {
  final List<String> events = new ArrayList<>();
  final EmbeddedChannel channel = new EmbeddedChannel();
  private final DeviceDialect dialect;
  private final DeviceConversation conversation;
  private final boolean plaintext;

  ConversedDevice(MailProtocol protocol, Duration greetAfter, boolean plaintext) {
    this.dialect = DeviceDialect.of(protocol);
    this.plaintext = plaintext;
    // Only passTime moves the clock.
    channel.freezeTime();
    this.conversation = new DeviceConversation(dialect, "mail.example.test", greetAfter, this);
    channel.pipeline().addLast(conversation);
    channel.runPendingTasks();
    channel.runScheduledPendingTasks();
  }

  ConversedDevice send(String text) {
    channel.writeInbound(Fuzzed.bytes(channel, text.getBytes(StandardCharsets.ISO_8859_1)));
    channel.runPendingTasks();
    return this;
  }

  ConversedDevice passTime(Duration time) {
    channel.advanceTimeBy(time.toMillis(), TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    return this;
  }

  /** The replies to the device since the last call. */
  String heard() {
    return ChannelText.heard(channel);
  }

  /** The bytes that the next handler got. */
  String passed() {
    return ChannelText.passed(channel);
  }

  boolean isOver() {
    return channel.pipeline().get(DeviceConversation.class) == null;
  }

  @Override
  public void onGreeted() {
    events.add("greeted");
  }

  @Override
  public void onTlsAtOnce() {
    events.add("tls at once");
  }

  @Override
  public void onTlsTooLate(String why) {
    events.add("tls too late");
  }

  @Override
  public void onCommand(DeviceCommand command, boolean more) {
    if (command instanceof DeviceCommand.Hello hello) {
      conversation.answer(hello.reply());
    } else if (command instanceof DeviceCommand.Trivial trivial) {
      conversation.answer(trivial.reply());
    } else if (command instanceof DeviceCommand.Capabilities asked) {
      conversation.answer(
          dialect.capabilities(asked, List.of("SIZE 1"), "mail.example.test", plaintext));
    } else if (command instanceof DeviceCommand.Quit quit) {
      conversation.sendLastReply(quit.reply());
      events.add("quit");
    } else if (command instanceof DeviceCommand.StartTls asked) {
      if (more || !conversation.startTls(dialect.startTlsAccepted(asked))) {
        events.add("pipelined");
      } else {
        events.add("starttls");
      }
    } else if (command instanceof DeviceCommand.Beyond beyond) {
      if (plaintext) {
        conversation.passOn(beyond.line());
      } else {
        conversation.answer(dialect.tlsRequired(beyond));
      }
    }
  }

  @Override
  public boolean passesOn(DeviceCommand command) {
    return plaintext && command instanceof DeviceCommand.Beyond;
  }

  @Override
  public void onUnreadable(String why) {
    events.add("unreadable: " + why);
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
  }
}
