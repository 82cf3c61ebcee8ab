package org.tlsuplift.proxy.spool;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.local.LocalChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import org.tlsuplift.proxy.mail.MailText;
import org.tlsuplift.proxy.relay.HalfClosable;

/**
 * The channel to an origin that is a {@link SpoolSession}: the session reads what is written to it.
 * Works on the event loops of all transports, because it uses nothing but their tasks.
 *
 * <p>While the session waits, written bytes stay in the outbound buffer. So the channel becomes
 * unwritable, and the relay stops reading from the device.
 */
final class SpoolChannel extends LocalChannel implements HalfClosable {
  private final StringBuilder replies = new StringBuilder();
  private final SpoolSession session;
  private boolean open = true;
  private boolean readWanted;
  private boolean ending;
  private boolean ended;

  SpoolChannel(SpoolSession session) {
    this.session = session;
  }

  /** Sends lines to the relay. The guard limits the commands, and so the replies that wait. */
  void reply(String lines) {
    replies.append(lines);
    deliverSoon();
  }

  /** Ends the input of the relay after all replies. */
  void endInput() {
    ending = true;
    deliverSoon();
  }

  /** Passes more bytes to the session, which is ready again. */
  void resume() {
    if (open) {
      unsafe().flush();
    }
  }

  /** In a step of its own, as from a socket. */
  private void deliverSoon() {
    if (readWanted) {
      eventLoop().execute(this::deliver);
    }
  }

  private void deliver() {
    if (!open || !readWanted) {
      return;
    }
    if (!replies.isEmpty()) {
      readWanted = false;
      ByteBuf all = MailText.encode(alloc(), replies.toString());
      replies.setLength(0);
      pipeline().fireChannelRead(all);
      pipeline().fireChannelReadComplete();
    } else if (ending && !ended) {
      ended = true;
      // As an origin with TLS ends its stream, so that the device gets a close_notify.
      pipeline().fireUserEventTriggered(SslCloseCompletionEvent.SUCCESS);
    }
  }

  @Override
  protected void doBeginRead() {
    readWanted = true;
    deliverSoon();
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer out) {
    for (Object next = out.current(); next != null; next = out.current()) {
      ByteBuf bytes = (ByteBuf) next;
      if (bytes.isReadable() && !session.isReady()) {
        return;
      }
      bytes.retain();
      out.remove();
      session.take(bytes);
    }
  }

  @Override
  public void outputEnded() {
    session.deviceEnded();
  }

  @Override
  protected void doRegister(ChannelPromise promise) {
    promise.setSuccess();
  }

  @Override
  protected void doClose() {
    open = false;
    session.end();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return open && isRegistered();
  }
}
