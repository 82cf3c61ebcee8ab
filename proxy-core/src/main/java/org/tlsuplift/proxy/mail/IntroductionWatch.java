package org.tlsuplift.proxy.mail;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Reads HELO or EHLO in the first line that a device sends through an SMTP relay, and passes all
 * bytes on.
 *
 * <p>A device that starts with TLS sends this line only in the relay. The watch removes itself
 * after the first line of any kind, because the next line may be a password.
 */
public final class IntroductionWatch extends ChannelInboundHandlerAdapter {
  /** RFC 5321 section 4.5.3.1.4. */
  private static final int MAX_LINE = 512;

  private final Consumer<String> introductions;
  private final byte[] line = new byte[MAX_LINE];
  private int length;

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

  /** Returns whether the line is complete or too long. */
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
    String text = new String(line, 0, length, StandardCharsets.ISO_8859_1).stripTrailing();
    String command = text.substring(0, Math.min(5, text.length())).toUpperCase(Locale.ROOT);
    if (command.equals("EHLO ") || command.equals("HELO ")) {
      introductions.accept(text);
    }
    return true;
  }
}
