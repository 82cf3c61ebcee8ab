package org.tlsuplift.proxy.upstream;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.List;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * A mail origin that is dialled only after the device has signed in to this proxy. Until then, the
 * device gets the capabilities of the latest sign-in, or assumed ones.
 */
public final class DeferredMailOrigin implements MailOrigin {
  private final Future<List<String>> capabilities;

  public DeferredMailOrigin(EventLoop loop, List<String> capabilities) {
    this.capabilities = loop.newSucceededFuture(List.copyOf(capabilities));
  }

  @Override
  public Future<List<String>> capabilities() {
    return capabilities;
  }

  @Override
  public Future<?> ready() {
    return capabilities;
  }

  @Override
  public Future<OriginConnection> secured(
      RouteDecision.Bridge bridge, List<String> applicationProtocols) {
    throw new IllegalStateException("the origin is dialled only after the device signs in");
  }

  @Override
  public void close() {}
}
