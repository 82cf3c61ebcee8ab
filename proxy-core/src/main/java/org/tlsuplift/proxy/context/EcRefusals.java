package org.tlsuplift.proxy.context;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.LeafKey;

/**
 * The devices that offered all that a certificate with an EC key needs, but refused one. From then
 * on they get a certificate with an RSA key, if they offer what it needs.
 *
 * <p>A device that refuses an RSA key as well gets an EC key again: the reason is another one, such
 * as a missing CA. Thread-safe.
 */
public final class EcRefusals {
  /** More devices than one instance serves. The oldest entries are forgotten first. */
  private static final int MAX_DEVICES = 100_000;

  private final Cache<InetAddress, Boolean> devices =
      Caffeine.newBuilder().maximumSize(MAX_DEVICES).executor(Runnable::run).build();

  /** Remembers a device, which got no certificate with an RSA key since. */
  public void add(InetAddress device) {
    devices.put(device, true);
  }

  public boolean contains(InetAddress device) {
    return devices.getIfPresent(device) != null;
  }

  /**
   * A session ended.
   *
   * @param key of the certificate that the device refused, or null for none
   */
  public void refused(InetAddress device, @Nullable LeafKey key) {
    if (key == LeafKey.EC) {
      add(device);
    } else if (key == LeafKey.RSA) {
      devices.invalidate(device);
    }
  }
}
