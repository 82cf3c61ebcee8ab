package org.tlsuplift.server.inventory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.outcome.SignInOutcome;

/**
 * Why the latest sign-in of each device was refused, since the daemon started. It contains logins,
 * so only people who have signed in may read it. Remembers the last {@value #DEVICES} devices.
 * Thread-safe.
 */
public final class RefusedSignIns implements ProxyObserver {
  private static final int DEVICES = 10_000;

  private final Cache<String, DeviceSignIn> refused =
      Caffeine.newBuilder().maximumSize(DEVICES).executor(Runnable::run).build();

  /** The latest sign-in of a device, if it was refused. */
  public Optional<DeviceSignIn> of(String address) {
    return Optional.ofNullable(refused.getIfPresent(address));
  }

  @Override
  public SessionObserver sessionOpened(SessionId id, String listener, InetSocketAddress device) {
    return new SessionObserver() {
      @Override
      public void signedIn(DeviceSignIn attempt) {
        String address = DeviceAddress.of(device.getAddress()).text();
        if (attempt.outcome() == SignInOutcome.SIGNED_IN) {
          refused.invalidate(address);
        } else if (!attempt.detail().isEmpty()) {
          refused.put(address, attempt);
        }
      }
    };
  }
}
