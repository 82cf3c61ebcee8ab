package org.tlsuplift.proxy.mail;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Looks at the first line that a device sends through a relay of SMTP, for HELO and EHLO; changes
 * and holds nothing.
 *
 * <p>A device that begins with TLS says who it is only then. It leaves with the end of that line,
 * or when that is no introduction: what follows may be a password.
 */
public final class IntroductionWatch extends ChannelInboundHandlerAdapter {
  /** RFC 5321 section 4.5.3.1.4. */
  private static final int MAX_LINE = 512;

  private final Consumer<String> introductions;
  private final byte[] line = new byte[MAX_LINE];
  private int length;

  /**
   * A watch.
   *
   * @param introductions takes the line, without its end, at most once
   */
  public IntroductionWatch(Consumer<String> introductions) {
    this.introductions = introductions;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    boolean over = message instanceof ByteBuf bytes && look(bytes);
    ctx.fireChannelRead(message);
    if (over) {
      ctx.pipeline().remove(this);
    }
  }

  /** Whether the line is over, or too long for one. */
  private boolean look(ByteBuf bytes) {
    int newline = bytes.indexOf(bytes.readerIndex(), bytes.writerIndex(), (byte) '\n');
    int some = (newline < 0 ? bytes.writerIndex() : newline) - bytes.readerIndex();
    if (some > MAX_LINE - length) {
      return true;
    }
    bytes.getBytes(bytes.readerIndex(), line, length, some);
    length += some;
    if (newline < 0) {
      return false;
    }
    String said = new String(line, 0, length, StandardCharsets.ISO_8859_1).stripTrailing();
    String command = said.substring(0, Math.min(5, said.length())).toUpperCase(Locale.ROOT);
    if (command.equals("EHLO ") || command.equals("HELO ")) {
      introductions.accept(said);
    }
    return true;
  }
}
