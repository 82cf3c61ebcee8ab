package org.tlsuplift.proxy.upstream.mail;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * A mail origin that has accepted STARTTLS, and waits for the ClientHello: the device's or ours.
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

  /** Dials, and requests capabilities and TLS. */
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

  /**
   * Starts our own TLS when the origin is ready. Call it once, and not together with {@link
   * #untouched}.
   *
   * @param greeting lines that the device gets as if the origin had sent them under TLS; may be
   *     empty
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

  /** Leaves TLS to the device and the origin. */
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
