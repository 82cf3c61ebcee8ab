package org.tlsuplift.proxy.mail;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Talks with a device before TLS: greets it, reads a command, waits until it has been answered, and
 * only then reads the next.
 *
 * <p>Lives on the channel's event loop and ends with its removal.
 */
public final class DeviceConversation extends ByteToMessageDecoder {
  /** Receives what the device sends before TLS; called on the channel's event loop. */
  public interface Callbacks {
    void onGreeted();

    /** The device began with TLS before the greeting; the conversation has removed itself. */
    void onTlsAtOnce();

    /** The device began with TLS after the greeting, which it mistakes for a broken reply. */
    void onTlsTooLate(String why);

    /**
     * A command, to be answered before the next is read.
     *
     * @param more whether the device sent more together with it
     */
    void onCommand(DeviceCommand command, boolean more);

    /** Whether this command and all that follows it will be passed on unchanged. */
    boolean passesOn(DeviceCommand command);

    /** The device broke a bound of the protocol. */
    void onUnreadable(String why);
  }

  private static final int MAX_LITERALS = 8192;
  private static final int HANDSHAKE_RECORD = 0x16;
  private static final int SSL_2_RECORD = 0x80;

  private final DeviceDialect dialect;
  private final String host;
  private final Duration greetAfter;
  private final Callbacks callbacks;
  private final MailLines lines = new MailLines(MailLines.MAX_LENGTH);
  private final LineChannel device = new LineChannel();
  private @Nullable Future<?> greeting;
  private @Nullable DeviceCommand unfinished;
  private boolean begun;
  private boolean answering = true;
  private int literal;
  private int literals;

  /**
   * Begins when added to an active channel's pipeline.
   *
   * @param host the name to greet with
   * @param greetAfter how long to wait for TLS before the greeting; zero for not at all
   */
  public DeviceConversation(
      DeviceDialect dialect, String host, Duration greetAfter, Callbacks callbacks) {
    this.dialect = dialect;
    this.host = host;
    this.greetAfter = greetAfter;
    this.callbacks = callbacks;
  }

  public void answer(String reply) {
    device.write(reply);
    resume();
  }

  /** Writes a last reply: the caller ends the session. */
  public void sayLast(String reply) {
    device.write(reply);
  }

  /**
   * Grants TLS and removes this handler: the next handler reads what follows.
   *
   * @return false, without TLS, when plaintext followed the command at once
   */
  public boolean startTls(String reply) {
    if (actualReadableBytes() > 0) {
      return false;
    }
    device.write(reply);
    remove();
    device.context().channel().config().setAutoRead(true);
    return true;
  }

  /**
   * Removes this handler; the next one gets the latest command unchanged and all that follows it,
   * and asks for reads itself.
   */
  public void passOn(String line) {
    ChannelHandlerContext ctx = device.context();
    ctx.fireChannelRead(MailText.encode(ctx.alloc(), line + "\r\n"));
    remove();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    device.attach(ctx);
    // Not at once: the caller may have to remove its own encoders first.
    greeting = ctx.executor().schedule(this::greet, greetAfter.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void greet() {
    if (!begun) {
      begun = true;
      device.write(dialect.greeting(host));
      callbacks.onGreeted();
      resume();
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    device.decode(
        () -> {
          if (!begun && !greetAfter.isZero()) {
            begin(in.getUnsignedByte(in.readerIndex()));
          }
          if (!answering) {
            readCommand(in);
          }
        });
  }

  private void begin(int first) {
    if (isTls(first)) {
      begun = true;
      remove();
      callbacks.onTlsAtOnce();
    } else {
      greet();
    }
  }

  private static boolean isTls(int first) {
    return first == HANDSHAKE_RECORD || first >= SSL_2_RECORD;
  }

  private void readCommand(ByteBuf in) {
    if (literal > 0) {
      int skipped = Math.min(literal, in.readableBytes());
      in.skipBytes(skipped);
      literal -= skipped;
      return;
    }
    if (unfinished == null && isTls(in.getUnsignedByte(in.readerIndex()))) {
      refuse(in, "the device began with TLS after the greeting", true);
      return;
    }
    String line;
    try {
      line = lines.next(in);
    } catch (TooLongFrameException tooLong) {
      refuse(in, String.valueOf(tooLong.getMessage()), false);
      return;
    }
    if (line != null) {
      take(in, line);
    }
  }

  private void take(ByteBuf in, String line) {
    DeviceCommand command = unfinished == null ? dialect.command(line, host) : unfinished;
    literal = callbacks.passesOn(command) ? 0 : dialect.literalBehind(line);
    literals += literal;
    if (literals > MAX_LITERALS) {
      refuse(in, "a command is longer than " + MAX_LITERALS + " bytes", false);
    } else if (literal > 0) {
      unfinished = command;
    } else {
      unfinished = null;
      answering = true;
      literals = 0;
      device.context().channel().config().setAutoRead(false);
      callbacks.onCommand(command, in.isReadable());
    }
  }

  private void refuse(ByteBuf in, String why, boolean tls) {
    in.skipBytes(in.readableBytes());
    answering = true;
    if (tls) {
      callbacks.onTlsTooLate(why);
    } else {
      callbacks.onUnreadable(why);
    }
  }

  private void resume() {
    answering = false;
    device.resume();
  }

  private void remove() {
    device.context().pipeline().remove(this);
  }

  /** Not passed on: the next handler would read more on its own. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    discardSomeReadBytes();
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) {
    if (greeting != null) {
      greeting.cancel(false);
    }
  }
}
