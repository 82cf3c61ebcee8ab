package org.tlsuplift.proxy.testing;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.negotiate.Redirection;

/** A kernel that reports the same original destination for every connection. */
public final class ToldRedirection implements Redirection {
  private final AtomicReference<@Nullable InetSocketAddress> destination = new AtomicReference<>();

  /** Sets the destination; null for connections that were not redirected. */
  public ToldRedirection to(@Nullable InetSocketAddress address) {
    destination.set(address);
    return this;
  }

  @Override
  public Optional<InetSocketAddress> destination(Channel device) {
    return Optional.ofNullable(destination.get());
  }

  @Override
  public boolean needsTransparentSocket() {
    return false;
  }

  @Override
  public String label() {
    return "redirect";
  }
}
