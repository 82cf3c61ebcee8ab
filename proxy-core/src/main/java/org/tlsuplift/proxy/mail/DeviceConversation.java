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
 * The conversation with a mail device before TLS: greets the device, then reads one command at a
 * time and waits for its reply.
 *
 * <p>Runs on the channel's event loop and ends with its removal from the pipeline.
 */
public final class DeviceConversation extends ByteToMessageDecoder {
  /** Receives the device's commands before TLS. Called on the channel's event loop. */
  public interface Callbacks {
    void onGreeted();

    /** The device started TLS before the greeting; the conversation has removed itself. */
    void onTlsAtOnce();

    /** The device started TLS after the greeting, which it cannot read as TLS. */
    void onTlsTooLate(String why);

    /**
     * The device sent a command. The next is read after the reply.
     *
     * @param more whether the device sent more bytes together with the command
     */
    void onCommand(DeviceCommand command, boolean more);

    /** Whether this command and all bytes after it will be passed on unchanged. */
    boolean passesOn(DeviceCommand command);

    /** The device exceeded a limit of the protocol. */
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
   * Creates a conversation that starts when it is added to the pipeline of an active channel.
   *
   * @param host the name in the greeting
   * @param greetAfter the time to wait for TLS before the greeting; zero to greet at once
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

  /** Writes the last reply. The caller then ends the session. */
  public void sendLastReply(String reply) {
    device.write(reply);
  }

  /**
   * Accepts STARTTLS and removes this handler, so that the next handler reads the following bytes.
   *
   * @return false, without a reply, if plaintext followed the command
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
   * Removes this handler. The next handler gets the latest command unchanged and all bytes after
   * it, and requests reads itself.
   */
  public void passOn(String line) {
    ChannelHandlerContext ctx = device.context();
    ctx.fireChannelRead(MailText.encode(ctx.alloc(), line + "\r\n"));
    remove();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    device.attach(ctx);
    // Scheduled, because the caller may have to remove its own encoders first.
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
      refuse(in, "the device started TLS after the greeting", true);
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
    literal = callbacks.passesOn(command) ? 0 : dialect.literalAfter(line);
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

  /** Does not pass the event on, because the next handler would request another read. */
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
