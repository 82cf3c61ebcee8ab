package org.tlsuplift.server.insight.switchoff;

import io.netty.util.NetUtil;
import org.tlsuplift.proxy.route.Cidr;

/** What an answer is about. */
public sealed interface Scope {
  String name();

  /** Whether there is nothing left to switch off. */
  default boolean isModern() {
    return this instanceof OfListener one && one.listener().isModern();
  }

  /** A listener of the configuration. */
  record OfListener(ListenerProfile listener) implements Scope {
    @Override
    public String name() {
      return listener.name();
    }
  }

  /** The devices of a subnet, wherever they came in. */
  record OfSubnet(Cidr block) implements Scope {
    @Override
    public String name() {
      return NetUtil.toAddressString(block.network()) + "/" + block.prefixLength();
    }
  }
}
