package org.tlsuplift.proxy.signin.dialogue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.signin.Credential;
import org.tlsuplift.proxy.testing.ChannelText;

/**
 * A device in a dialogue with a listener that records the callbacks. The listener refuses the
 * password "wrong" at once; the test decides about all others.
 */
final class SigningInDevice implements SignInDialogue.Callbacks, AutoCloseable {
  final List<String> events = new ArrayList<>();

  /** The reasons of {@link #onBroken}, without the texts of the device that are in the events. */
  final List<String> failures = new ArrayList<>();

  /** The names and passwords, each pair in two entries. */
  final List<String> credentials = new ArrayList<>();

  /** Whether the device waits for the result of a sign-in, or the dialogue has ended. */
  boolean stopped;

  final EmbeddedChannel channel = new EmbeddedChannel();
  final SignInDialogue dialogue;

  SigningInDevice(MailProtocol protocol) {
    this.dialogue =
        new SignInDialogue(
            protocol, "mail.example.test", DeviceCapabilities.of(protocol, null), "", this);
    channel.pipeline().addLast(dialogue);
  }

  SigningInDevice send(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    return this;
  }

  SigningInDevice send(byte[] bytes) {
    channel.writeInbound(Unpooled.copiedBuffer(bytes));
    return this;
  }

  SigningInDevice send(ByteBuf bytes) {
    channel.writeInbound(bytes);
    return this;
  }

  /** The replies to the device since the last call. */
  String heard() {
    return ChannelText.heard(channel);
  }

  /** Sends a text, and returns the replies to the device. */
  String ask(String text) {
    return send(text).heard();
  }

  /** The bytes that the next handler got. */
  String passed() {
    return ChannelText.passed(channel);
  }

  @Override
  public void onAnswered() {}

  @Override
  public void onIntroduced(String line) {
    events.add(line);
  }

  @Override
  public void onCredential(@Nullable Credential credential) {
    if (credential == null) {
      events.add("unasked");
      stopped = true;
      return;
    }
    String password = new String(credential.password());
    events.add(credential.login() + "/" + password);
    credentials.add(credential.login());
    credentials.add(password);
    credential.wipe();
    if (password.equals("wrong")) {
      dialogue.refuse(SignInOutcome.BAD_CREDENTIALS);
    } else {
      stopped = true;
    }
  }

  @Override
  public void onLeft() {
    events.add("left");
    stopped = true;
  }

  @Override
  public void onGone() {
    events.add("gone");
  }

  @Override
  public void onBroken(String why) {
    failures.add(why);
    events.add("broken: " + why);
    stopped = true;
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
  }
}
