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
 * <p>Runs on the session's event loop. A setup that was created has no effect before {@link
 * #start}.
 */
public interface Setup {
  /** How a setup ends. */
  sealed interface Result {
    /** Both sides are ready for the relay. */
    record Opened(OriginConnection origin) implements Result {}

    /**
     * The origin is unavailable.
     *
     * @param cause an {@link org.tlsuplift.proxy.upstream.dial.OriginUnavailableException}, or a
     *     fault of this program
     * @param deviceAnswered whether the device has got a response, so an alert is no longer allowed
     */
    record OriginFailed(Throwable cause, boolean deviceAnswered) implements Result {}

    /**
     * The session refuses the device with a TLS alert, before its handshake.
     *
     * @param alert the description of the alert (RFC 8446 section 6)
     */
    record Refused(int alert, CloseReason reason, Explanation why) implements Result {}

    /**
     * The session ends.
     *
     * @param deviceAnswered whether the device has got a response in its own protocol, and gets
     *     time to read it
     */
    record Ended(CloseReason reason, Explanation why, boolean deviceAnswered) implements Result {}
  }

  /** Connects to the origin. {@link #start} calls it once. */
  @FunctionalInterface
  interface Dial {
    Future<OriginConnection> start();
  }

  /** Ends the session after its setup has ended. Implemented by the session. */
  @FunctionalInterface
  interface Ending {
    void ended(CloseReason reason, Explanation why);
  }

  /**
   * Starts the setup. Called once.
   *
   * @return completed on the session's event loop; cancelled if the setup is abandoned before
   */
  Future<Result> start();

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
  default boolean sendLastReply(String why) {
    return false;
  }

  /** Cancels the setup and closes the origin's connection. The setup has been started. */
  void abandon();

  /** Holds the input of a device without TLS termination until the relay starts. */
  static void hold(Channel device) {
    device.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    device
        .pipeline()
        .addAfter(PipelineNames.HELLO, PipelineNames.HOLD, new HoldingHandler())
        .remove(PipelineNames.HELLO);
  }
}
