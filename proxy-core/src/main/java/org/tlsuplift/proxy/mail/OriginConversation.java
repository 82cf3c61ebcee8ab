package org.tlsuplift.proxy.mail;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.OriginReply;

/**
 * The conversation with a mail origin before the relay: one command at a time. Each command gets a
 * reply in time and within its limits, or fails with an {@link OriginRefusal}.
 *
 * <p>Runs on the channel's event loop and requests reads only while it waits for a reply.
 * Unexpected bytes after a reply are a failure. After STARTTLS they are an attack of the class of
 * CVE-2011-0411 and have their own close reason.
 */
public final class OriginConversation extends ByteToMessageDecoder {
  private static final int MAX_LINES = 128;

  private final OriginDialect dialect;
  private final MailProtocol protocol;
  private final Duration replyTimeout;
  private final Consumer<OriginReply> replies;
  private final MailLines cutter = new MailLines(MailLines.MAX_LENGTH);
  private final LineChannel origin = new LineChannel();
  private final List<String> lines = new ArrayList<>();
  private @Nullable OriginQuestion question;
  private @Nullable Promise<List<String>> answer;
  private @Nullable Future<?> timer;
  private @Nullable Consumer<OriginRefusal> onBroken;

  /**
   * Creates a conversation. Its methods work after it is added to a pipeline.
   *
   * @param replyTimeout the maximum wait for each reply
   * @param replies receives known refusals
   */
  public OriginConversation(
      MailProtocol protocol, Duration replyTimeout, Consumer<OriginReply> replies) {
    this.dialect = OriginDialect.of(protocol);
    this.protocol = protocol;
    this.replyTimeout = replyTimeout;
    this.replies = replies;
  }

  public Future<List<String>> greeting() {
    return ask(OriginQuestion.GREETING, null);
  }

  public Future<List<String>> capabilities() {
    return capabilities(selfLiteral());
  }

  /** Requests the capabilities. SMTP sends this name in EHLO. */
  public Future<List<String>> capabilities(String name) {
    return ask(OriginQuestion.CAPABILITIES, dialect.question(OriginQuestion.CAPABILITIES, name));
  }

  /**
   * Sends the next line of a sign-in, which may be a secret.
   *
   * @param line a command or the response to a challenge, without CRLF
   * @return the lines of the reply, positive or not
   */
  public Future<List<String>> signIn(String line, boolean command) {
    return ask(OriginQuestion.SIGN_IN, command ? dialect.command(line) : line);
  }

  /**
   * Sends a command of a message, or the dot after its data.
   *
   * @return the lines of the reply, positive or not
   */
  public Future<List<String>> command(String line, Duration timeout) {
    return ask(OriginQuestion.COMMAND, line, timeout);
  }

  /** Requests TLS. After success the next bytes sent must be a ClientHello. */
  public Future<List<String>> startTls() {
    return ask(OriginQuestion.START_TLS, dialect.question(OriginQuestion.START_TLS, ""));
  }

  /** Sends the device's own HELO or EHLO line, such as {@code EHLO printer}. */
  public Future<List<String>> introduce(String line) {
    return ask(OriginQuestion.HELLO, line);
  }

  public boolean offersStartTls(List<String> capabilities) {
    return capabilities.stream().anyMatch(dialect.startTlsCapability()::equalsIgnoreCase);
  }

  /**
   * Expects the origin to stay connected and silent from now on. Reports at most one violation.
   * Ends with the removal of this handler.
   */
  public void expectSilence(Consumer<OriginRefusal> receiver) {
    onBroken = receiver;
    origin.context().read();
  }

  private Future<List<String>> ask(OriginQuestion next, @Nullable String line) {
    return ask(next, line, replyTimeout);
  }

  private Future<List<String>> ask(OriginQuestion next, @Nullable String line, Duration timeout) {
    ChannelHandlerContext ctx = origin.context();
    Promise<List<String>> promise = ctx.executor().newPromise();
    question = next;
    answer = promise;
    lines.clear();
    timer =
        ctx.executor()
            .schedule(
                () -> fail(CloseReason.ORIGIN_PROTOCOL_ERROR, "no " + next.answer() + " in time"),
                timeout.toMillis(),
                TimeUnit.MILLISECONDS);
    if (!ctx.channel().isActive()) {
      // A closed channel fires no further event.
      fail(CloseReason.ORIGIN_REFUSED, "it closed the connection before its " + next.answer());
      return promise;
    }
    if (line != null) {
      origin.write(line + "\r\n");
    }
    ctx.read();
    return promise;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    origin.attach(ctx);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (question == null && onBroken == null) {
      // Under TLS, bytes between the last command and the relay belong to the device.
      out.add(in.readRetainedSlice(in.readableBytes()));
      return;
    }
    if (question == null) {
      in.skipBytes(in.readableBytes());
      broken(
          new OriginRefusal(
              CloseReason.PLAINTEXT_AFTER_STARTTLS,
              "the origin sent plaintext after its reply to STARTTLS: an attacker on the network path may be injecting replies"));
      return;
    }
    try {
      String line = cutter.next(in);
      if (line != null) {
        take(question, line, in.isReadable());
      }
    } catch (TooLongFrameException tooLong) {
      in.skipBytes(in.readableBytes());
      fail(CloseReason.ORIGIN_PROTOCOL_ERROR, String.valueOf(tooLong.getMessage()));
    }
  }

  private void take(OriginQuestion asked, String line, boolean more) {
    if (!dialect.isWellFormed(asked, line)) {
      fail(
          CloseReason.ORIGIN_PROTOCOL_ERROR,
          "the origin's "
              + asked.answer()
              + " is not valid "
              + protocol
              // A reply to a sign-in is omitted, because it could repeat the token.
              + (asked == OriginQuestion.SIGN_IN ? "" : ": '" + MailText.printable(line) + "'"));
      return;
    }
    lines.add(line);
    if (lines.size() > MAX_LINES) {
      fail(
          CloseReason.ORIGIN_PROTOCOL_ERROR,
          "the origin's " + asked.answer() + " has more than " + MAX_LINES + " lines");
    } else if (dialect.isComplete(asked, lines)) {
      complete(asked, more);
    }
  }

  private void complete(OriginQuestion asked, boolean more) {
    if (asked == OriginQuestion.SIGN_IN || asked == OriginQuestion.COMMAND) {
      // Under TLS, bytes after a positive reply belong to the device.
      succeed(List.copyOf(lines));
    } else if (!dialect.isPositive(asked, lines)) {
      String last = lines.get(lines.size() - 1);
      OriginReplies.recognise(protocol, last).ifPresent(replies);
      fail(
          asked == OriginQuestion.START_TLS
              ? CloseReason.ORIGIN_STARTTLS_UNAVAILABLE
              : CloseReason.ORIGIN_REFUSED,
          "the origin's " + asked.answer() + " is '" + MailText.printable(last) + "'");
    } else if (more) {
      fail(
          asked == OriginQuestion.START_TLS
              ? CloseReason.PLAINTEXT_AFTER_STARTTLS
              : CloseReason.ORIGIN_PROTOCOL_ERROR,
          "the origin sent unexpected bytes after its %s: an attacker on the network path may be injecting replies"
              .formatted(asked.answer()));
    } else {
      succeed(
          asked == OriginQuestion.CAPABILITIES
              ? dialect.capabilities(lines).stream().filter(MailText::isPrintable).toList()
              : List.copyOf(lines));
    }
  }

  private void succeed(List<String> result) {
    settle(asking -> asking.trySuccess(result));
  }

  private void fail(CloseReason reason, String detail) {
    fail(new OriginRefusal(reason, detail));
  }

  private void fail(OriginRefusal refusal) {
    settle(asking -> asking.tryFailure(refusal));
  }

  private void settle(Consumer<Promise<List<String>>> how) {
    Promise<List<String>> asking = answer;
    question = null;
    answer = null;
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    if (asking != null) {
      how.accept(asking);
    }
  }

  private void broken(OriginRefusal refusal) {
    Consumer<OriginRefusal> receiver = onBroken;
    onBroken = null;
    if (receiver != null) {
      receiver.accept(refusal);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (question != null || onBroken != null) {
      ctx.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    String instead = question == null ? "handshake" : question.answer();
    String gone = "it closed the connection before its " + instead + " was complete";
    fail(CloseReason.ORIGIN_REFUSED, gone);
    broken(new OriginRefusal(CloseReason.ORIGIN_REFUSED, gone));
    super.channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    OriginRefusal broken = new OriginRefusal(CloseReason.ORIGIN_PROTOCOL_ERROR, cause);
    fail(broken);
    broken(broken);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) {
    onBroken = null;
    settle(asking -> {});
  }

  /** RFC 5321 section 4.1.3: valid wherever a host name is expected, and it reveals no name. */
  private String selfLiteral() {
    InetSocketAddress self = (InetSocketAddress) origin.context().channel().localAddress();
    String address = self.getAddress().getHostAddress();
    int zone = address.indexOf('%');
    return self.getAddress() instanceof Inet6Address
        ? "[IPv6:" + (zone < 0 ? address : address.substring(0, zone)) + "]"
        : "[" + address + "]";
  }
}
