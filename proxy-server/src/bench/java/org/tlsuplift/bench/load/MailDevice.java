package org.tlsuplift.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;

/**
 * A device that scans to mail: greeting, EHLO, STARTTLS, handshake, EHLO again (RFC 3207 section
 * 4.2), and QUIT if its visit ends with that.
 */
final class MailDevice extends Device {
  private enum Awaits {
    GREETING("220"),
    CAPABILITIES("250"),
    START_TLS("220"),
    NOTHING(""),
    SECURED_CAPABILITIES("250"),
    FAREWELL("221");

    private final String code;

    Awaits(String code) {
      this.code = code;
    }
  }

  private final MailVisit visit;
  private final StringBuilder reply = new StringBuilder();
  private Awaits awaits = Awaits.GREETING;

  MailDevice(DeviceTls tls, int port, LongAdder resumed, Events events, MailVisit visit) {
    super(tls, port, resumed, events);
    this.visit = visit;
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
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
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
        } else {
          say("QUIT\r\n", Awaits.FAREWELL);
        }
      }
      case FAREWELL -> done();
      case NOTHING -> {}
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
