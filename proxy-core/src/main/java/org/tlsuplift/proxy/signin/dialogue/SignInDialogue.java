package org.tlsuplift.proxy.signin.dialogue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.LineChannel;
import org.tlsuplift.proxy.mail.MailLines;
import org.tlsuplift.proxy.mail.MailText;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.signin.Credential;

/**
 * The dialogue with a device until it has signed in. It reads one line at a time, and replies or
 * waits for the result before it handles the next line.
 *
 * <p>While it waits it continues reading, up to a limit, to notice a device that closes the
 * connection. Runs on the channel's event loop, and ends with {@link #accept}.
 */
public final class SignInDialogue extends ByteToMessageDecoder {
  /** Receives the steps of a device until it has signed in. Called on the channel's event loop. */
  public interface Callbacks {
    /** The dialogue replied to a line that needs no further action. */
    void onAnswered();

    /** The dialogue replied to HELO or EHLO. */
    void onIntroduced(String line);

    /**
     * The device waits for {@link SignInDialogue#accept} or {@code refuse}.
     *
     * @param credential null if it continues without signing in
     */
    void onCredential(@Nullable Credential credential);

    /** The device has ended the dialogue and has got its reply. */
    void onLeft();

    void onGone();

    /** The device exceeded a limit of the protocol. */
    void onBroken(String why);
  }

  private static final int MAX_AHEAD = 16 * 1024;

  /** In bytes. A longer line ends the session. */
  private static final int LONGEST_LINE = 64 * 1024;

  /** The end of a line, without CR, that a literal follows without a prompt (RFC 7888). */
  private static final int LITERAL = '+' << 16 | '}' << 8 | '\n';

  /** One byte more than the longest tag, so that a longer one is noticed. */
  private static final int LONGEST_TAG = 65;

  private final SignInDialect dialect;
  private final String greeting;
  private final Callbacks callbacks;
  private MailLines lines = new MailLines(MailLines.MAX_LENGTH);
  private final LineChannel device = new LineChannel();
  private @Nullable String unasked;
  private boolean waiting;
  private boolean ended;
  private boolean spoken;
  private int literal = -1;

  /** The reply to a line that is too long, until its end has come; otherwise null. */
  private @Nullable String afterLongLine;

  private int dropped;

  /** The last three bytes of the dropped line, without CR. */
  private int lineEnd;

  /**
   * Creates a dialogue that starts when it is added to the pipeline of an active channel.
   *
   * @param host the name of this proxy in replies
   * @param capabilities from {@link DeviceCapabilities}
   * @param greeting the first line with CRLF, or empty
   */
  public SignInDialogue(
      MailProtocol protocol,
      String host,
      List<String> capabilities,
      String greeting,
      Callbacks callbacks) {
    this.dialect = SignInDialect.of(protocol, host, capabilities);
    this.greeting = greeting;
    this.callbacks = callbacks;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    device.attach(ctx);
    device.write(greeting);
    ctx.channel().config().setAutoRead(true);
  }

  /**
   * Accepts the device and removes this handler. The next handler gets the bytes that the device
   * sent since, and requests reads itself.
   *
   * @param ofOrigin the lines of the origin's positive reply
   */
  public void accept(List<String> ofOrigin) {
    ChannelHandlerContext ctx = device.context();
    String line = unasked;
    ended = true;
    ctx.channel().config().setAutoRead(false);
    device.write(dialect.accepted(ofOrigin));
    if (line != null) {
      ctx.fireChannelRead(MailText.encode(ctx.alloc(), line + "\r\n"));
    }
    ctx.pipeline().remove(this);
  }

  /** Whether the device has sent a line. */
  public boolean hasSpoken() {
    return spoken;
  }

  /** Refuses the device, which may try again. */
  public void refuse(SignInOutcome outcome) {
    device.write(dialect.refused(outcome));
    resume();
  }

  /** Refuses the device with a last reply. The caller then ends the session. */
  public void refuseLast(SignInOutcome outcome, String closing) {
    ended = true;
    device.write(dialect.refused(outcome) + closing);
  }

  /** Writes the last reply. The caller then ends the session. */
  public void sendLastReply(String reply) {
    ended = true;
    device.write(reply);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (waiting && !ended) {
      return;
    }
    device.decode(() -> read(in));
  }

  private void read(ByteBuf in) {
    if (ended) {
      in.skipBytes(in.readableBytes());
    } else if (literal >= 0) {
      readLiteral(in);
    } else if (afterLongLine != null) {
      dropLine(in, afterLongLine);
    } else {
      readLine(in);
    }
  }

  private void readLiteral(ByteBuf in) {
    if (in.readableBytes() >= literal) {
      byte[] read = MailLines.takeSecret(in, literal);
      literal = -1;
      // The dialect keeps the array and wipes it.
      take(dialect.onLiteral(read));
    }
  }

  private void readLine(ByteBuf in) {
    byte[] line;
    try {
      line = lines.nextSecret(in);
    } catch (TooLongFrameException tooLong) {
      byte[] start = new byte[LONGEST_TAG];
      in.getBytes(in.readerIndex(), start);
      afterLongLine = dialect.tooLong(start);
      Arrays.fill(start, (byte) 0);
      dropped = 0;
      if (afterLongLine == null) {
        in.skipBytes(in.readableBytes());
        broken(String.valueOf(tooLong.getMessage()));
      } else {
        dropLine(in, afterLongLine);
      }
      return;
    }
    if (line == null) {
      return;
    }
    try {
      take(dialect.onLine(line));
    } finally {
      Arrays.fill(line, (byte) 0);
    }
  }

  /** Drops the rest of a line that is too long, and replies at its end. */
  private void dropLine(ByteBuf in, String reply) {
    int end = in.bytesBefore((byte) '\n');
    int length = end < 0 ? in.readableBytes() : end + 1;
    byte[] line = MailLines.takeSecret(in, length);
    for (byte each : line) {
      lineEnd = each == '\r' ? lineEnd : (lineEnd << 8 | (each & 0xff)) & 0xffffff;
    }
    Arrays.fill(line, (byte) 0);
    dropped += length;
    if (end >= 0 && lineEnd == LITERAL) {
      broken("a line with a literal is longer than " + MailLines.MAX_LENGTH + " bytes");
    } else if (end >= 0) {
      afterLongLine = null;
      lines = new MailLines(MailLines.MAX_LENGTH);
      take(new SignInStep.Reply(reply));
    } else if (dropped > LONGEST_LINE) {
      broken("a line is longer than " + LONGEST_LINE + " bytes");
    }
  }

  private void take(SignInStep step) {
    unasked = null;
    spoken = true;
    if (step instanceof SignInStep.Reply answer) {
      device.write(answer.text());
      callbacks.onAnswered();
    } else if (step instanceof SignInStep.Introduced introduced) {
      device.write(introduced.reply());
      callbacks.onIntroduced(introduced.line());
    } else if (step instanceof SignInStep.ReadLiteral announced) {
      device.write(announced.prompt());
      callbacks.onAnswered();
      if (announced.bytes() == 0 && !ended) {
        // A decoder that consumes no bytes is not called again until more arrive.
        take(dialect.onLiteral(new byte[0]));
      } else {
        literal = announced.bytes();
      }
    } else if (step instanceof SignInStep.Present present) {
      waiting = true;
      unasked = present.unasked();
      callbacks.onCredential(present.credential());
    } else if (step instanceof SignInStep.Leave leave) {
      sendLastReply(leave.reply());
      callbacks.onLeft();
    } else if (step instanceof SignInStep.Broken broken) {
      broken(broken.why());
    } else {
      throw new UnhandledVariantException(step);
    }
  }

  private void broken(String why) {
    ended = true;
    callbacks.onBroken(why);
  }

  private void resume() {
    waiting = false;
    device.resume();
  }

  /** Does not pass the event on, because the next handler would request another read. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    discardSomeReadBytes();
    if (waiting && actualReadableBytes() > MAX_AHEAD) {
      ctx.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE || event instanceof SslCloseCompletionEvent) {
      // A device that has closed its direction cannot send the next command.
      gone();
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    gone();
    super.channelInactive(ctx);
  }

  private void gone() {
    if (!ended) {
      ended = true;
      callbacks.onGone();
    }
  }
}
