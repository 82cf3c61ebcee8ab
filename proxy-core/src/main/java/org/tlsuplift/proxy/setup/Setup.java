package org.tlsuplift.proxy.setup;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * Prepares both sides of a session between the route decision and the relay.
 *
 * <p>Runs on the session's event loop. Before the relay starts, it calls exactly one method of its
 * {@link Callbacks}, unless the session abandons it first.
 */
public interface Setup {
  /** Receives the result, on the session's event loop. Implemented by the session. */
  interface Callbacks {
    /** Both sides are ready for the relay. */
    void opened(OriginConnection origin);

    /**
     * The origin is unavailable.
     *
     * @param cause an {@link org.tlsuplift.proxy.upstream.dial.OriginUnavailableException}, or a
     *     fault of this program
     * @param deviceAnswered whether the device has got a response, so an alert is no longer allowed
     */
    void originFailed(Throwable cause, boolean deviceAnswered);

    /**
     * Refuses the device with a TLS alert, before its handshake.
     *
     * @param alert the description of the alert (RFC 8446 section 6)
     */
    void refused(int alert, CloseReason reason, Explanation why);

    /** Ends the session after a response to the device in its own protocol. */
    void conversationEnded(CloseReason reason, Explanation why);

    /** Ends the session without a response to the device. */
    void ended(CloseReason reason, Explanation why);
  }

  /** Starts the setup. Called once, when the session is ready for the callbacks. */
  void start();

  /**
   * Handles the end of the TLS handshake with the device.
   *
   * @throws IllegalStateException if no such handshake is {@linkplain #isHandshaking running}
   */
  default void onDeviceHandshake(SslHandshakeCompletionEvent event) {
    throw new IllegalStateException("the proxy does not terminate TLS of this device");
  }

  /**
   * Whether a TLS handshake with the device is running. {@link #onDeviceHandshake} gets its end.
   */
  default boolean isHandshaking() {
    return false;
  }

  /** Whether the device waits only for the origin. Without TLS termination, it always does. */
  default boolean isDeviceReady() {
    return true;
  }

  /** Tells a mail device why the session ends. Returns false if the device cannot read it. */
  default boolean sayLast(String why) {
    return false;
  }

  /** Cancels the setup: makes no further callback and closes the origin's connection. */
  void abandon();

  /** Holds the input of a device without TLS termination until the relay starts. */
  static void hold(Channel device) {
    device.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    device
        .pipeline()
        .addAfter(PipelineNames.HELLO, PipelineNames.HOLD, new HoldingHandler())
        .remove(PipelineNames.HELLO);
  }

  /** Cancels a dial, or closes the connection that it opened. */
  static void drop(Future<OriginConnection> dial) {
    if (!dial.cancel(false) && dial.isSuccess()) {
      var unused = dial.getNow().channel().close();
    }
  }
}
