package org.tlsuplift.proxy.mail.guard;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.DeviceQuotas;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.testing.ChannelText;
import org.tlsuplift.proxy.testing.Fuzzed;

/**
 * A device and an origin with a guard between them. The test or the session itself grants the
 * permits.
 */
final class GuardedSession implements GuardCallbacks, AutoCloseable {
  /** The reply to the next command after one that ended the session. */
  static final String CLOSING = "421 4.3.0 The connection closes; connect again\r\n";

  final List<String> told = new ArrayList<>();
  final List<String> introductions = new ArrayList<>();
  final List<MailMessage> messages = new ArrayList<>();
  final List<CloseReason> ends = new ArrayList<>();
  final List<@Nullable MessageRefusal> endings = new ArrayList<>();
  final List<CompletableFuture<PermitResult>> permits = new ArrayList<>();
  final SmtpGuard guard;
  final EmbeddedChannel channel;
  boolean permitsAtOnce = true;
  int ended;

  /**
   * The number of buffers that the device could have read when the guard ended the session; -1
   * before.
   */
  int writtenAtEnd = -1;

  GuardedSession(String... allowedSenders) {
    this(MailPolicy.NONE, allowedSenders);
  }

  /** A session of a signed-in device on a listener with rules. */
  GuardedSession(MailPolicy policy, String... allowedSenders) {
    GuardedMailbox mailbox =
        new GuardedMailbox("scans@contoso.example", List.of(allowedSenders), this::message);
    guard = new SmtpGuard(policy, quota(policy), mailbox, List.of(), this);
    channel = new EmbeddedChannel(guard);
  }

  /** A session of a device that signs in itself, or not at all. */
  GuardedSession(MailPolicy policy) {
    guard = new SmtpGuard(policy, quota(policy), null, List.of(), this);
    channel = new EmbeddedChannel(guard);
  }

  /** These lines, each with CRLF. */
  static String lines(String... lines) {
    return String.join("\r\n", lines) + "\r\n";
  }

  static DeviceQuotas.Quota quota(MailPolicy policy) {
    return new DeviceQuotas(policy, DeviceNetworks.DEFAULT).of(InetAddress.getLoopbackAddress());
  }

  /** The device begins a message for one recipient, which the origin accepts. */
  GuardedSession begun() {
    device("MAIL FROM:<scans@contoso.example>\r\nRCPT TO:<a@contoso.example>\r\n");
    origin("250 ok\r\n250 ok\r\n");
    passed();
    heard();
    return this;
  }

  GuardedSession device(String text) {
    channel.writeInbound(bytes(text));
    channel.runPendingTasks();
    return this;
  }

  GuardedSession origin(String text) {
    channel.writeOutbound(bytes(text));
    channel.runPendingTasks();
    return this;
  }

  void answer(int permit, PermitResult answer) {
    permits.get(permit).complete(answer);
    channel.runPendingTasks();
  }

  /** The bytes that the origin got since the last call. */
  String passed() {
    return ChannelText.passed(channel);
  }

  /** The replies to the device since the last call. */
  String heard() {
    return ChannelText.heard(channel);
  }

  @Override
  public void messageRefused(MessageRefusal refusal, String detail) {
    told.add(refusal.label() + ": " + detail);
  }

  @Override
  public void guardEnded(CloseReason reason, @Nullable MessageRefusal refusal, String detail) {
    told.add(reason.label() + ": " + detail);
    ends.add(reason);
    endings.add(refusal);
    writtenAtEnd = channel.outboundMessages().size();
  }

  @Override
  public void introduced(String line) {
    introductions.add(line);
  }

  @Override
  public void messageEnded(MailMessage message) {
    messages.add(message);
  }

  private Permit message() {
    CompletableFuture<PermitResult> answer = new CompletableFuture<>();
    permits.add(answer);
    if (permitsAtOnce) {
      answer.complete(new PermitResult.Given());
    }
    return new Permit() {
      @Override
      public CompletionStage<PermitResult> answer() {
        return answer;
      }

      @Override
      public void end() {
        ended++;
      }
    };
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
  }

  private ByteBuf bytes(String text) {
    return Fuzzed.bytes(channel, text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
