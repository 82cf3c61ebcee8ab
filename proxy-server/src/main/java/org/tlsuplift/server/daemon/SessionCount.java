package org.tlsuplift.server.daemon;

import java.util.function.IntSupplier;

/** How many sessions run; none before there is a proxy. Thread-safe. */
final class SessionCount implements IntSupplier {
  private volatile IntSupplier proxy = () -> 0;

  void from(IntSupplier sessions) {
    proxy = sessions;
  }

  @Override
  public int getAsInt() {
    return proxy.getAsInt();
  }
}
