package org.tlsuplift.proxy.setup;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * Prepares both sides of a session between the route decision and the relay.
 *
 * <p>Lives on the session's event loop. Calls exactly one method of its {@link Callbacks}, unless
 * it is abandoned first.
 */
public interface Setup {
  /** The session. */
  interface Callbacks {
    /** Both sides are ready. */
    void opened(OriginConnection origin);

    /**
     * The origin is unavailable.
     *
     * @param cause an {@link org.tlsuplift.proxy.upstream.dial.OriginUnavailableException}, or a
     *     fault of this program
     * @param deviceAnswered whether the TLS handshake with the device has begun
     */
    void originFailed(Throwable cause, boolean deviceAnswered);

    /** Refuses the device by this TLS alert, before its handshake. */
    void refused(int alert, CloseReason reason, Explanation why);

    /** Ends the session after a response to the device in its own protocol. */
    void conversationEnded(CloseReason reason, Explanation why);

    /** Ends the session without a response to the device. */
    void ended(CloseReason reason, Explanation why);
  }

  /** Begins; once, when the session can handle the callbacks. */
  void start();

  /** The TLS handshake with the device has ended, which was {@linkplain #isHandshaking running}. */
  default void onDeviceHandshake(SslHandshakeCompletionEvent event) {
    throw new IllegalStateException("there is no TLS of ours with this device");
  }

  /** Whether the TLS handshake with the device runs. Its end is an event. */
  default boolean isHandshaking() {
    return false;
  }

  /** Whether the device waits for the origin only, as it does from the start without our TLS. */
  default boolean isDeviceReady() {
    return true;
  }

  /** Tells a mail device why the session ends. Returns false if the device cannot read it. */
  default boolean sayLast(String why) {
    return false;
  }

  /** Gives up: calls nothing back, and closes what was opened. */
  void abandon();

  /** Holds the input of a device without our TLS until the relay begins. */
  static void hold(Channel device) {
    device.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    device
        .pipeline()
        .addAfter(PipelineNames.HELLO, PipelineNames.HOLD, new HoldingHandler())
        .remove(PipelineNames.HELLO);
  }

  /** Cancels a dial, or closes the connection that it has opened. */
  static void drop(Future<OriginConnection> dial) {
    if (!dial.cancel(false) && dial.isSuccess()) {
      var unused = dial.getNow().channel().close();
    }
  }
}
