package org.tlsuplift.proxy.upstream;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.OriginConversation;
import org.tlsuplift.proxy.mail.OriginRefusal;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.tls.failure.TlsFault;
import org.tlsuplift.proxy.upstream.dial.DialContext;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.OriginDialer;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;
import org.tlsuplift.proxy.upstream.dial.Promises;
import org.tlsuplift.proxy.upstream.dial.UpstreamInitializer;

/**
 * The steps from dialling a mail origin to the relay. Each step starts the next one. The first
 * failure closes the channel and ends the steps. Runs on one event loop.
 */
public final class MailOriginHandshake {
  private static final String CONVERSATION = "mail-conversation";

  private final DialContext dialContext;
  private final HostPort address;
  private final MailService mail;
  private final OriginDialer dial;
  private final OriginVerification verification;
  private final Consumer<OriginReply> replies;
  private final Promise<OriginConnection> connection;
  private Consumer<Throwable> failed = unused -> {};
  private @Nullable Future<Channel> dialling;
  private @Nullable Channel connected;
  private @Nullable OriginConversation conversation;
  private boolean ended;

  public MailOriginHandshake(
      DialContext dialContext,
      HostPort address,
      MailService mail,
      OriginDialer dial,
      OriginVerification verification,
      Consumer<OriginReply> replies) {
    this.dialContext = dialContext;
    this.address = address;
    this.mail = mail;
    this.dial = dial;
    this.verification = verification;
    this.replies = replies;
    this.connection = dialContext.loop().newPromise();
    Promises.onCancel(connection, this::close);
  }

  /** The result of the steps. Cancelling it closes the channel. */
  Future<OriginConnection> connection() {
    return connection;
  }

  EventLoop loop() {
    return dialContext.loop();
  }

  MailService mail() {
    return mail;
  }

  /** Runs {@code next} after a step succeeded, unless the result is already known. */
  void whenReady(Future<?> step, Runnable next) {
    step.addListener(
        done -> {
          if (step.isSuccess() && !connection.isDone()) {
            next.run();
          }
        });
  }

  /** Sets the callback for the failure, which is called at most once. */
  void onFailure(Consumer<Throwable> listener) {
    failed = listener;
  }

  void dial(Runnable next) {
    Future<Channel> dialled = dial.dial(dialContext, address);
    dialling = dialled;
    then(
        dialled,
        channel -> {
          connected = channel;
          if (channel.isActive()) {
            next.run();
          } else {
            // The channel's handlers are gone, so no event reports that it closed.
            fail(
                new OriginUnavailableException(
                    CloseReason.ORIGIN_UNREACHABLE,
                    address,
                    Explanation.of("the connection closed immediately"),
                    null));
          }
        });
  }

  /**
   * Reads greeting and capabilities, and sends STARTTLS. Then the origin waits for a ClientHello.
   */
  void agree(Consumer<List<String>> capabilities, Runnable next) {
    ask(
        OriginConversation::greeting,
        greeting ->
            ask(
                OriginConversation::capabilities,
                list -> {
                  capabilities.accept(list);
                  if (conversation().offersStartTls(list)) {
                    ask(OriginConversation::startTls, agreed -> next.run());
                  } else {
                    fail(
                        new OriginUnavailableException(
                            CloseReason.ORIGIN_STARTTLS_UNAVAILABLE,
                            address,
                            Explanation.of(
                                "the origin offers no STARTTLS, and plaintext is never used",
                                "if it supports implicit TLS, set its port and 'upstreamTls: implicit'"),
                            null));
                  }
                }));
  }

  void ask(
      Function<OriginConversation, Future<List<String>>> question, Consumer<List<String>> next) {
    then(question.apply(conversation()), next);
  }

  /**
   * From now until {@link #verify}, any byte from the origin is a failure (plaintext injection).
   */
  void expectSilence() {
    conversation().expectSilence(this::fail);
  }

  /** Starts TLS, and discards all knowledge from before (RFC 3207 section 4.2). */
  void verify(
      RouteDecision.Bridge bridge,
      List<String> applicationProtocols,
      boolean afterStartTls,
      Consumer<OriginHandshake> next) {
    stopTalking();
    then(verification.handshake(channel(), bridge, applicationProtocols, afterStartTls), next);
  }

  /** Passes a line to the device as if the origin had sent it. An empty line has no effect. */
  void injectGreeting(String line) {
    if (!line.isEmpty()) {
      // The holding handler holds the line until the relay starts.
      channel()
          .pipeline()
          .context(UpstreamInitializer.TLS)
          .fireChannelRead(ByteBufUtil.writeAscii(channel().alloc(), line));
    }
  }

  /** Completes the result. From now on the relay owns the channel. */
  void handOver(@Nullable OriginHandshake handshake) {
    stopTalking();
    if (!connection.trySuccess(OriginConnection.of(channel(), handshake))) {
      close();
    }
  }

  void close() {
    ended = true;
    if (dialling != null) {
      dialling.cancel(false);
    }
    if (connected != null) {
      var unused = connected.close();
    }
  }

  void fail(Throwable cause) {
    if (ended) {
      return;
    }
    close();
    Throwable failure =
        cause instanceof OriginRefusal refusal
            ? new OriginUnavailableException(
                refusal.reason(), address, Explanation.of(detail(refusal)), null)
            : cause;
    failed.accept(failure);
    connection.tryFailure(failure);
  }

  private static String detail(OriginRefusal refusal) {
    return Optional.ofNullable(refusal.getCause())
        .flatMap(TlsFault::of)
        .map(fault -> "the origin " + fault.text())
        .orElseGet(() -> String.valueOf(refusal.getMessage()));
  }

  Channel channel() {
    if (connected == null) {
      throw new IllegalStateException("not connected");
    }
    return connected;
  }

  private <T> void then(Future<T> step, Consumer<T> next) {
    step.addListener(
        done -> {
          if (ended) {
            return;
          }
          if (step.isSuccess()) {
            next.accept(step.getNow());
          } else {
            fail(step.cause());
          }
        });
  }

  private OriginConversation conversation() {
    if (conversation == null) {
      conversation = new OriginConversation(mail.protocol(), dial.spec().replyTimeout(), replies);
      channel().pipeline().addBefore(UpstreamInitializer.HOLD, CONVERSATION, conversation);
    }
    return conversation;
  }

  private void stopTalking() {
    if (conversation != null) {
      channel().pipeline().remove(conversation);
      conversation = null;
    }
  }
}
