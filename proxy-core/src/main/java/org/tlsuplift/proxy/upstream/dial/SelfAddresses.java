package org.tlsuplift.proxy.upstream.dial;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The addresses that this process listens on and must never connect to. Thread-safe. */
public final class SelfAddresses {
  private final List<InetSocketAddress> listening = new CopyOnWriteArrayList<>();

  public void add(InetSocketAddress address) {
    listening.add(address);
  }

  /** Removes one address that was added. */
  public void remove(InetSocketAddress address) {
    listening.remove(address);
  }

  public boolean contains(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    for (InetSocketAddress own : listening) {
      if (own.getPort() == address.getPort()
          && ip != null
          && (own.getAddress().equals(ip)
              || ip.isAnyLocalAddress()
              || (own.getAddress().isAnyLocalAddress() && isLocal(ip)))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isLocal(InetAddress ip) {
    try {
      return ip.isLoopbackAddress() || NetworkInterface.getByInetAddress(ip) != null;
    } catch (SocketException unknown) {
      return false;
    }
  }
}
