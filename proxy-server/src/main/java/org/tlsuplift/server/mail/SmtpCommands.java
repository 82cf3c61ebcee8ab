package org.tlsuplift.server.mail;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.upstream.OriginSignInResult;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.UpstreamInitializer;

/**
 * Sends a few SMTP commands on a connection under TLS, one after the other. Blocks; not for event
 * loops.
 */
public final class SmtpCommands extends ChannelInboundHandlerAdapter implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int MAX_REPLY = 4096;

  private final Channel channel;
  private final List<String> capabilities;
  private final StringBuilder heard = new StringBuilder();
  private @Nullable Promise<String> answer;

  private SmtpCommands(Channel channel, List<String> capabilities) {
    this.channel = channel;
    this.capabilities = capabilities;
  }

  /** Takes over a connection after the sign-in. */
  public static SmtpCommands on(OriginSignInResult.SignedIn signedIn) {
    return on(signedIn.connection(), signedIn.capabilities());
  }

  /** Takes over a connection after EHLO, which returned these capabilities. */
  static SmtpCommands on(OriginConnection connection, List<String> capabilities) {
    Channel channel = connection.channel();
    SmtpCommands talk = new SmtpCommands(channel, capabilities);
    channel
        .eventLoop()
        .submit(
            () -> {
              channel.pipeline().addLast(talk);
              channel.pipeline().remove(UpstreamInitializer.HOLD);
              // No command can follow after the end of the origin's output.
              channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
              channel.config().setAutoRead(true);
            })
        .awaitUninterruptibly();
    return talk;
  }

  public List<String> capabilities() {
    return capabilities;
  }

  /** The parameters of a capability; null if the origin does not offer it. */
  public @Nullable String offer(String keyword) {
    return capabilities.stream()
        .map(each -> (each + " ").split(" ", 2))
        .filter(each -> each[0].equalsIgnoreCase(keyword))
        .map(each -> each[1].strip())
        .findFirst()
        .orElse(null);
  }

  /**
   * Sends a command, and blocks until the reply.
   *
   * @return the reply in one printable line; empty if no reply comes in time
   */
  public String ask(String command) throws InterruptedException {
    return ask(command, TIMEOUT);
  }

  /** Sends a command as {@link #ask(String)} does, with another limit. */
  public String ask(String command, Duration limit) throws InterruptedException {
    Promise<String> reply = channel.eventLoop().newPromise();
    Future<?> asked =
        channel
            .eventLoop()
            .submit(
                () -> {
                  heard.setLength(0);
                  answer = reply;
                  var unused =
                      channel.writeAndFlush(
                          ByteBufUtil.writeUtf8(channel.alloc(), command + "\r\n"));
                  if (!channel.isActive()) {
                    reply.trySuccess("");
                  }
                });
    asked.await();
    return reply.await(limit.toMillis(), TimeUnit.MILLISECONDS) ? reply.getNow() : "";
  }

  /**
   * Sends a part of a message after the reply to DATA, and blocks until the system has it.
   *
   * @return false if the connection failed, or did not take the part in time
   */
  public boolean send(byte[] part, int length) throws InterruptedException {
    Future<?> written =
        channel.writeAndFlush(channel.alloc().buffer(length).writeBytes(part, 0, length));
    return written.await(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS) && written.isSuccess();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    heard.append(bytes.toString(StandardCharsets.ISO_8859_1));
    bytes.release();
    int end = heard.lastIndexOf("\r\n");
    int start = end < 0 ? 0 : heard.lastIndexOf("\r\n", end - 1);
    String last = end < 0 ? "" : heard.substring(start < 0 ? 0 : start + 2, end);
    if (end == heard.length() - 2 && !last.startsWith("-", 3)) {
      answer(
          heard
              .substring(0, end)
              .replaceAll("\r\n[0-9]{3}[ -]?", " ")
              .replaceFirst("^([0-9]{3})-", "$1 "));
    } else if (heard.length() > MAX_REPLY) {
      answer("");
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    answer("");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    answer("");
  }

  private void answer(String reply) {
    if (answer != null) {
      answer.trySuccess(reply.replaceAll("[^ -~]", "?"));
    }
  }

  /** Ends the session, and waits for nothing. */
  public void quit() {
    var unused =
        channel
            .writeAndFlush(ByteBufUtil.writeUtf8(channel.alloc(), "QUIT\r\n"))
            .addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
  }
}
