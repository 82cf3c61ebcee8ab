package org.tlsuplift.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The least of an SMTP server with STARTTLS (RFC 5321, RFC 3207); only counts and sums up mail. */
final class MailOriginHandler extends ChannelInboundHandlerAdapter {
  private static final int MAX_COMMAND_BYTES = 512;
  private static final String CAPABILITIES =
      """
      250-localhost Hello\r
      250-SIZE 157286400\r
      250-PIPELINING\r
      250-DSN\r
      250-ENHANCEDSTATUSCODES\r
      250-8BITMIME\r
      250-BINARYMIME\r
      250-CHUNKING\r
      """;
  private static final ByteBuf GREETING = constant("220 localhost ESMTP bench origin ready\r\n");
  private static final ByteBuf BEFORE_TLS =
      constant(CAPABILITIES + "250-STARTTLS\r\n250 SMTPUTF8\r\n");
  private static final ByteBuf UNDER_TLS =
      constant(CAPABILITIES + "250-AUTH LOGIN XOAUTH2\r\n250 SMTPUTF8\r\n");
  private static final ByteBuf READY = constant("220 2.0.0 SMTP server ready\r\n");
  private static final ByteBuf SENDER = constant("250 2.1.0 Sender OK\r\n");
  private static final ByteBuf RECIPIENT = constant("250 2.1.5 Recipient OK\r\n");
  private static final ByteBuf GO_AHEAD =
      constant("354 Start mail input; end with <CRLF>.<CRLF>\r\n");
  private static final ByteBuf CLOSING_REPLY = constant("221 2.0.0 Service closing channel\r\n");
  private static final ByteBuf UNKNOWN = constant("500 5.3.3 Unrecognized command\r\n");

  private final SslContext tls;
  private final LongAdder resumed;
  private final LongAdder handshakes;
  private final StringBuilder command = new StringBuilder();
  private boolean secured;
  private @Nullable MailReceipt receiving;

  MailOriginHandler(SslContext tls, LongAdder resumed, LongAdder handshakes) {
    this.tls = tls;
    this.resumed = resumed;
    this.handshakes = handshakes;
  }

  private static ByteBuf constant(String text) {
    ByteBuf bytes = Unpooled.directBuffer(text.length());
    ByteBufUtil.writeAscii(bytes, text);
    return Unpooled.unreleasableBuffer(bytes.asReadOnly());
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    say(ctx, GREETING);
  }

  private static void say(ChannelHandlerContext ctx, ByteBuf reply) {
    var unused = ctx.writeAndFlush(reply.duplicate());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (receiving != null) {
      receive(ctx, receiving, bytes);
      return;
    }
    command.append(bytes.toString(StandardCharsets.US_ASCII));
    bytes.release();
    int end = command.indexOf("\r\n");
    if (end == command.length() - 2 && end >= 0) {
      String line = command.substring(0, end);
      command.setLength(0);
      answer(ctx, line);
    } else if (end >= 0 || command.length() > MAX_COMMAND_BYTES) {
      // The benchmark does not need pipelining.
      var unused = ctx.close();
    }
  }

  private void receive(ChannelHandlerContext ctx, MailReceipt mail, ByteBuf bytes) {
    boolean ended = mail.isEndedBy(bytes);
    bytes.release();
    if (ended) {
      receiving = null;
      var unused = ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), mail.reply()));
    }
  }

  private void answer(ChannelHandlerContext ctx, String line) {
    if (line.startsWith("EHLO ")) {
      say(ctx, secured ? UNDER_TLS : BEFORE_TLS);
    } else if (line.equals("STARTTLS") && !secured) {
      say(ctx, READY);
      ctx.pipeline().addFirst(new FirstFlight(true, resumed), tls.newHandler(ctx.alloc()));
    } else if (line.startsWith("MAIL FROM:") && secured) {
      say(ctx, SENDER);
    } else if (line.startsWith("RCPT TO:") && secured) {
      say(ctx, RECIPIENT);
    } else if (line.equals("DATA") && secured) {
      receiving = new MailReceipt();
      say(ctx, GO_AHEAD);
    } else if (line.equals("QUIT")) {
      ctx.writeAndFlush(CLOSING_REPLY.duplicate()).addListener(ChannelFutureListener.CLOSE);
    } else {
      say(ctx, UNKNOWN);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
      secured = true;
      handshakes.increment();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // Whether a session did its work is counted at its device.
    var unused = ctx.close();
  }
}
