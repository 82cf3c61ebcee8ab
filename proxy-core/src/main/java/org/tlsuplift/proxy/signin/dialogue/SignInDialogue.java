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
import org.tlsuplift.proxy.model.SignInOutcome;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.signin.Credential;

/**
 * Talks with a device until it has signed in: reads a line, answers it or waits for the result, and
 * only then looks at the next.
 *
 * <p>While it waits it reads on, within bounds, to notice a device that leaves. Lives on the
 * channel's event loop, and ends with {@link #accept}.
 */
public final class SignInDialogue extends ByteToMessageDecoder {
  /** Receives what a device sends until it has signed in; called on the channel's event loop. */
  public interface Callbacks {
    /** A line was answered that needs no further action. */
    void onAnswered();

    /** HELO or EHLO was answered. */
    void onIntroduced(String line);

    /** The device signs in, and waits for {@link SignInDialogue#accept} or {@code refuse}. */
    void onCredential(Credential credential);

    /** The device continues without signing in, and waits for the same. */
    void onUnasked();

    /** The device has ended the dialogue, and has its reply. */
    void onLeft();

    void onGone();

    /** The device broke a bound of the protocol. */
    void onBroken(String why);
  }

  private static final int MAX_AHEAD = 16 * 1024;

  private final SignInDialect dialect;
  private final String greeting;
  private final Callbacks callbacks;
  private final MailLines lines = new MailLines(MailLines.MAX_LENGTH);
  private final LineChannel device = new LineChannel();
  private @Nullable String unasked;
  private boolean waiting;
  private boolean ended;
  private int literal = -1;

  /**
   * Begins when added to an active channel's pipeline.
   *
   * @param host our name
   * @param capabilities from {@link DeviceCapabilities}
   * @param greeting the first line with its end, or empty
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
   * The device is signed in. Removes this handler: the next one gets what the device sent since,
   * and asks for reads itself.
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

  /** The device is not signed in, and may try again. */
  public void refuse(SignInOutcome outcome) {
    device.write(dialect.refused(outcome));
    resume();
  }

  /** The device is not signed in; after this reply the caller ends the session. */
  public void refuseLast(SignInOutcome outcome, String closing) {
    ended = true;
    device.write(dialect.refused(outcome) + closing);
  }

  /** Writes a last reply: the caller ends the session. */
  public void sayLast(String reply) {
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
    } else {
      readLine(in);
    }
  }

  private void readLiteral(ByteBuf in) {
    if (in.readableBytes() >= literal) {
      byte[] read = MailLines.takeSecret(in, literal);
      literal = -1;
      // Kept as an argument, and wiped there.
      take(dialect.onLiteral(read));
    }
  }

  private void readLine(ByteBuf in) {
    byte[] line;
    try {
      line = lines.nextSecret(in);
    } catch (TooLongFrameException tooLong) {
      in.skipBytes(in.readableBytes());
      broken(String.valueOf(tooLong.getMessage()));
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

  private void take(SignInStep step) {
    unasked = null;
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
        // A decoder that consumes nothing is not called again before more arrives.
        take(dialect.onLiteral(new byte[0]));
      } else {
        literal = announced.bytes();
      }
    } else if (step instanceof SignInStep.Present present) {
      waiting = true;
      callbacks.onCredential(present.credential());
    } else if (step instanceof SignInStep.Unasked goesOn) {
      waiting = true;
      unasked = goesOn.line();
      callbacks.onUnasked();
    } else if (step instanceof SignInStep.Leave leave) {
      sayLast(leave.reply());
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

  /** Not passed on: the next handler would read more on its own. */
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
      // A device that has closed its direction can answer no question.
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
