package org.tlsuplift.proxy.setup;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * A session's way from the route decision to the relay, towards both sides at once.
 *
 * <p>Lives on the session's event loop. Tells its {@link Callbacks} exactly one end, unless it is
 * abandoned first.
 */
public interface Setup {
  /** Is told how the setup ends: the session. */
  interface Callbacks {
    /** Both sides are ready. */
    void opened(OriginConnection origin);

    /**
     * The origin cannot be had.
     *
     * @param cause an {@link org.tlsuplift.proxy.upstream.dial.OriginUnavailableException}, or a
     *     fault of this program
     * @param deviceAnswered whether the device has been answered by TLS already
     */
    void originFailed(Throwable cause, boolean deviceAnswered);

    /** The device is refused; it has not been answered yet and gets this TLS alert. */
    void refused(int alert, CloseReason reason, String detail);

    /** The device has been told already, in what it speaks, why it is left. */
    void conversationEnded(CloseReason reason, String detail);

    /** The session ends; nothing can be said to the device any more. */
    void ended(CloseReason reason, String detail);
  }

  /** Begins; once, when its session is ready for what its callbacks are told. */
  void start();

  /** The TLS handshake with the device has ended, which was {@linkplain #isHandshaking running}. */
  default void onDeviceHandshake(SslHandshakeCompletionEvent event) {
    throw new IllegalStateException("there is no TLS of ours with this device");
  }

  /** Whether the TLS handshake with the device runs, whose end comes as an event of its own. */
  default boolean isHandshaking() {
    return false;
  }

  /** Whether the device waits for the origin only, as it does from the start without our TLS. */
  default boolean isDeviceReady() {
    return true;
  }

  /** Tells the device why it is left, if it can be told in words; answers whether it was. */
  default boolean sayLast(String why) {
    return false;
  }

  /** Gives up: nothing is told any more, and what was opened is closed. */
  void abandon();

  /** Keeps what a device says that needs no TLS of ours, until the relay begins. */
  static void hold(Channel device) {
    device.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    device
        .pipeline()
        .addAfter(PipelineNames.HELLO, PipelineNames.HOLD, new HoldingHandler())
        .remove(PipelineNames.HELLO);
  }

  /** Closes what a dial has opened or is about to open. */
  static void drop(Future<OriginConnection> dial) {
    if (!dial.cancel(false) && dial.isSuccess()) {
      var unused = dial.getNow().channel().close();
    }
  }
}
