package org.tlsuplift.server.readiness;

import io.netty.util.NetUtil;
import java.util.HexFormat;
import org.tlsuplift.proxy.route.Cidr;

/** The listener or subnet that a result is about. */
public sealed interface Scope {
  String name();

  boolean isListener();

  /** The profile of a listener; empty for a subnet. */
  String profile();

  /** Whether old TLS is switched off already. */
  boolean isModern();

  /** A sort key: IPv4 before IPv6, then by bytes. */
  String order();

  /** A listener of the configuration. */
  record OfListener(ListenerProfile listener) implements Scope {
    @Override
    public String name() {
      return listener.name();
    }

    @Override
    public boolean isListener() {
      return true;
    }

    @Override
    public String profile() {
      return listener.profile();
    }

    @Override
    public boolean isModern() {
      return listener.isModern();
    }

    @Override
    public String order() {
      return "";
    }
  }

  /** The devices of a subnet, on all listeners. */
  record OfSubnet(Cidr block) implements Scope {
    @Override
    public String name() {
      return NetUtil.toAddressString(block.network()) + "/" + block.prefixLength();
    }

    @Override
    public boolean isListener() {
      return false;
    }

    @Override
    public String profile() {
      return "";
    }

    @Override
    public boolean isModern() {
      return false;
    }

    @Override
    public String order() {
      byte[] bytes = block.network().getAddress();
      return (bytes.length == 4 ? "4:" : "6:")
          + HexFormat.of().formatHex(bytes)
          + block.prefixLength();
    }
  }
}
