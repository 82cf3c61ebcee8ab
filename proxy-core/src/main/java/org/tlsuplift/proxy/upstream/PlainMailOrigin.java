package org.tlsuplift.proxy.upstream;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * A mail origin that accepts STARTTLS and then waits for a ClientHello, from the device or from the
 * proxy.
 */
public final class PlainMailOrigin implements MailOrigin {
  private final MailOriginHandshake steps;
  private final Promise<List<String>> capabilities;
  private final Promise<@Nullable Void> ready;

  private PlainMailOrigin(MailOriginHandshake steps) {
    this.steps = steps;
    this.capabilities = steps.loop().newPromise();
    this.ready = steps.loop().newPromise();
  }

  /** Dials, requests the capabilities, and sends STARTTLS. */
  public static PlainMailOrigin start(MailOriginHandshake steps) {
    PlainMailOrigin origin = new PlainMailOrigin(steps);
    steps.onFailure(origin::fail);
    steps.dial(
        () ->
            steps.agree(
                origin.capabilities::trySuccess,
                () -> {
                  steps.expectSilence();
                  origin.ready.trySuccess(null);
                }));
    return origin;
  }

  @Override
  public Future<List<String>> capabilities() {
    return capabilities;
  }

  @Override
  public Future<?> ready() {
    return ready;
  }

  @Override
  public Future<OriginConnection> secured(
      RouteDecision.Bridge bridge, List<String> applicationProtocols) {
    return secure(bridge, applicationProtocols, "");
  }

  /**
   * Originates TLS when the origin is ready. Call either this method or {@link #untouched}, once.
   *
   * @param greeting lines for the device, as if the origin had sent them under TLS; may be empty
   */
  public Future<OriginConnection> secure(
      RouteDecision.Bridge bridge, List<String> applicationProtocols, String greeting) {
    steps.whenReady(
        ready,
        () ->
            steps.verify(
                bridge,
                applicationProtocols,
                true,
                handshake -> {
                  steps.injectGreeting(greeting);
                  steps.handOver(handshake);
                }));
    return steps.connection();
  }

  /** Passes TLS between the device and the origin unchanged. */
  public Future<OriginConnection> untouched() {
    steps.whenReady(ready, () -> steps.handOver(null));
    return steps.connection();
  }

  private void fail(Throwable cause) {
    capabilities.tryFailure(cause);
    ready.tryFailure(cause);
  }

  @Override
  public void close() {
    steps.close();
  }
}
