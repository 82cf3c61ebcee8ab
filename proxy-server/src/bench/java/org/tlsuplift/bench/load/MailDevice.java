package org.tlsuplift.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A device that scans to mail: greeting, EHLO, STARTTLS, handshake, EHLO again (RFC 3207 section
 * 4.2), then a message and QUIT if its visit has them.
 */
final class MailDevice extends Device {
  private enum Awaits {
    GREETING("220"),
    CAPABILITIES("250"),
    START_TLS("220"),
    NOTHING(""),
    SECURED_CAPABILITIES("250"),
    SENDER("250"),
    RECIPIENT("250"),
    GO_AHEAD("354"),
    RECEIPT("250"),
    CLOSING("221");

    private final String code;

    Awaits(String code) {
      this.code = code;
    }
  }

  private final MailVisit visit;
  private final @Nullable MailMessage message;
  private final StringBuilder reply = new StringBuilder();
  private Awaits awaits = Awaits.GREETING;
  private int sent;

  MailDevice(DeviceTls tls, int port, LongAdder resumed, Events events, MailVisit visit) {
    super(tls, port, resumed, events);
    this.visit = visit;
    this.message = visit.message();
  }

  @Override
  void request() {
    say("EHLO device.example\r\n", Awaits.SECURED_CAPABILITIES);
  }

  private void say(String command, Awaits next) {
    awaits = next;
    var unused = channel().writeAndFlush(ByteBufUtil.writeAscii(channel().alloc(), command));
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object received) {
    ByteBuf bytes = (ByteBuf) received;
    reply.append(bytes.toString(StandardCharsets.US_ASCII));
    bytes.release();
    if (!isComplete()) {
      return;
    }
    String whole = reply.toString();
    reply.setLength(0);
    if (awaits == Awaits.NOTHING || !whole.startsWith(awaits.code)) {
      fail(new IllegalStateException("while it awaits " + awaits + ": " + whole.strip()));
      var unused = ctx.close();
      return;
    }
    switch (awaits) {
      case GREETING -> say("EHLO device.example\r\n", Awaits.CAPABILITIES);
      case CAPABILITIES -> {
        if (whole.contains("STARTTLS")) {
          say("STARTTLS\r\n", Awaits.START_TLS);
        } else {
          fail(new IllegalStateException("no STARTTLS: " + whole.strip()));
          var unused = ctx.close();
        }
      }
      case START_TLS -> {
        awaits = Awaits.NOTHING;
        startTls();
      }
      case SECURED_CAPABILITIES -> {
        if (visit == MailVisit.STAY) {
          awaits = Awaits.NOTHING;
          done();
        } else if (message == null) {
          say("QUIT\r\n", Awaits.CLOSING);
        } else {
          say("MAIL FROM:<scanner@device.example>\r\n", Awaits.SENDER);
        }
      }
      case SENDER -> say("RCPT TO:<office@device.example>\r\n", Awaits.RECIPIENT);
      case RECIPIENT -> say("DATA\r\n", Awaits.GO_AHEAD);
      case GO_AHEAD -> {
        awaits = Awaits.RECEIPT;
        send();
      }
      case RECEIPT -> {
        if (message != null && whole.equals(message.receipt())) {
          say("QUIT\r\n", Awaits.CLOSING);
        } else {
          fail(new IllegalStateException("the message changed on the way: " + whole.strip()));
          var unused = ctx.close();
        }
      }
      case CLOSING -> done();
      case NOTHING -> {}
    }
  }

  private void send() {
    while (message != null && sent < message.length() && channel().isWritable()) {
      ByteBuf part = message.part(sent);
      sent += part.readableBytes();
      var unused = channel().write(part);
    }
    channel().flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (awaits == Awaits.RECEIPT) {
      send();
    }
  }

  /** RFC 5321 section 4.2.1: the last line of a reply has no hyphen behind its code. */
  private boolean isComplete() {
    int end = reply.length();
    if (end < 2 || reply.charAt(end - 1) != '\n') {
      return false;
    }
    int start = reply.lastIndexOf("\n", end - 2) + 1;
    return end - start > 4 && reply.charAt(start + 3) != '-';
  }
}
