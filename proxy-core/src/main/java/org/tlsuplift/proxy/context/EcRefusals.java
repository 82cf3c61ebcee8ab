package org.tlsuplift.proxy.context;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;

/**
 * The devices that offered all that a certificate with an EC key needs, but whose handshake with
 * one failed. From then on they get a certificate with an RSA key. Thread-safe.
 */
public final class EcRefusals {
  /** More devices than one instance serves. The oldest entries are forgotten first. */
  private static final int MAX_DEVICES = 100_000;

  private final Cache<InetAddress, Boolean> devices =
      Caffeine.newBuilder().maximumSize(MAX_DEVICES).executor(Runnable::run).build();

  /** Remembers a device. */
  public void add(InetAddress device) {
    devices.put(device, true);
  }

  public boolean contains(InetAddress device) {
    return devices.getIfPresent(device) != null;
  }
}
