package org.tlsuplift.proxy.upstream.mail;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.OriginConversation;
import org.tlsuplift.proxy.mail.OriginRefusal;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.OriginReply;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.upstream.dial.DialContext;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.OriginDialer;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;
import org.tlsuplift.proxy.upstream.dial.Promises;
import org.tlsuplift.proxy.upstream.dial.UpstreamInitializer;
import org.tlsuplift.proxy.upstream.verify.OriginVerification;

/**
 * The steps to a mail origin: each leads to the next, or to the one failure.
 *
 * <p>Lives on one event loop.
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

  /** The result of the steps; cancelling it ends them. */
  Future<OriginConnection> connection() {
    return connection;
  }

  EventLoop loop() {
    return dialContext.loop();
  }

  MailService mail() {
    return mail;
  }

  /** Continues after a step, unless the connection has ended already. */
  void whenReady(Future<?> step, Runnable next) {
    step.addListener(
        done -> {
          if (step.isSuccess() && !connection.isDone()) {
            next.run();
          }
        });
  }

  /** Receives the failure too, at most once. */
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
            // It ended before its handlers, which are gone, could report that.
            fail(
                new OriginUnavailableException(
                    CloseReason.ORIGIN_UNREACHABLE,
                    address,
                    Explanation.of("the connection was closed at once"),
                    null));
          }
        });
  }

  /** Greeting, capabilities, STARTTLS; then the origin waits for a ClientHello. */
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
                                "it offers no STARTTLS, and plaintext is never used",
                                "if the origin begins with TLS, set 'upstreamTls: implicit' and that port"),
                            null));
                  }
                }));
  }

  void ask(
      Function<OriginConversation, Future<List<String>>> question, Consumer<List<String>> next) {
    then(question.apply(conversation()), next);
  }

  /** From now on the origin must be silent until {@link #verify}. */
  void expectSilence() {
    conversation().expectSilence(this::fail);
  }

  /** Begins TLS, and forgets everything from before. */
  void verify(
      RouteDecision.Bridge bridge,
      List<String> applicationProtocols,
      boolean afterStartTls,
      Consumer<OriginHandshake> next) {
    stopTalking();
    then(verification.handshake(channel(), bridge, applicationProtocols, afterStartTls), next);
  }

  /** The device reads this as if the origin had sent it; empty for nothing. */
  void injectGreeting(String line) {
    if (!line.isEmpty()) {
      // The holding handler keeps it, like anything an origin sends early, until the relay begins.
      channel()
          .pipeline()
          .context(UpstreamInitializer.TLS)
          .fireChannelRead(ByteBufUtil.writeAscii(channel().alloc(), line));
    }
  }

  /** Ends the steps: from here on the channel belongs to the relay. */
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
                refusal.reason(),
                address,
                Explanation.of(String.valueOf(refusal.getMessage())),
                null)
            : cause;
    failed.accept(failure);
    connection.tryFailure(failure);
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
