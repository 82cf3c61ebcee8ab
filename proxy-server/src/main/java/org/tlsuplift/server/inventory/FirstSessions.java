package org.tlsuplift.server.inventory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.outcome.OriginReply;

/**
 * Logs the first successful session of each device in this run of the daemon. A technician who sets
 * up a device sees that the device works.
 *
 * <p>A session is successful if it carried bytes in both directions, the origin refused nothing,
 * and no fault ended the session. This class remembers the last {@value #DEVICES} devices; a
 * forgotten device has a first session again. Thread-safe.
 */
public final class FirstSessions implements ProxyObserver {
  static final int DEVICES = 100_000;

  private static final Logger log = LoggerFactory.getLogger("org.tlsuplift.session");
  private static final int MAX_HOST = 80;
  private static final int MAX_LISTENER = 24;

  private static final SessionObserver KNOWN = new SessionObserver() {};

  private volatile DeviceNetworks networks;
  private final Cache<InetAddress, Boolean> devices =
      Caffeine.newBuilder().maximumSize(DEVICES).executor(Runnable::run).build();

  /**
   * Starts without known devices.
   *
   * @param networks which addresses count as one device
   */
  public FirstSessions(DeviceNetworks networks) {
    this.networks = networks;
  }

  /** Sets which addresses count as one device from now on. */
  public void group(DeviceNetworks otherNetworks) {
    networks = otherNetworks;
  }

  @Override
  public SessionObserver sessionOpened(SessionId id, String listener, InetSocketAddress device) {
    return isKnown(device) ? KNOWN : new Observed();
  }

  private boolean isKnown(InetSocketAddress device) {
    return devices.getIfPresent(networks.of(device.getAddress())) != null;
  }

  private void log(SessionSummary session, HostPort target, String versions) {
    InetAddress network = networks.of(session.device().getAddress());
    if (devices.asMap().putIfAbsent(network, true) == null) {
      String device = session.device().getAddress().getHostAddress();
      log.atInfo()
          .addKeyValue("device", device)
          .addKeyValue("listener", ShortText.cut(session.listener(), MAX_LISTENER))
          .addKeyValue("session", session.id())
          .log(
              "first session from {}: {}, {}",
              device,
              versions,
              ShortText.cut(target.host(), MAX_HOST));
    }
  }

  /** The agreed versions of both sides, or null if there was no TLS with the origin. */
  private static @Nullable String versions(SessionSummary session) {
    if (session.tunnelled() != null) {
      return session.tunnelled().version() + " end to end";
    }
    TlsParameters origin =
        session.originHandshake() == null ? null : session.originHandshake().agreed();
    if (origin == null) {
      return null;
    }
    TlsParameters device =
        session.deviceHandshake() == null ? null : session.deviceHandshake().agreed();
    return (device == null ? "plaintext" : device.version()) + " -> " + origin.version();
  }

  /** A session of a device without an earlier success. Only the session's event loop uses it. */
  private final class Observed implements SessionObserver {
    private boolean refused;

    @Override
    public void originReplied(MailProtocol protocol, OriginReply reply) {
      refused = true;
    }

    @Override
    public void deviceSignInRefused() {
      refused = true;
    }

    @Override
    public void closed(SessionSummary summary) {
      HostPort target = summary.target();
      String versions = versions(summary);
      if (!refused
          && !summary.reason().isFailure()
          && target != null
          && versions != null
          && summary.bytesUp() > 0
          && summary.bytesDown() > 0) {
        log(summary, target, versions);
      }
    }
  }
}
