package org.tlsuplift.proxy.listener;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.SessionId;

/** Lets devices in or turns them away, and knows who is inside. Thread-safe. */
public final class Door {
  private final SessionServices services;
  private final ConnectionLimiter limiter;
  private final AtomicLong ids = new AtomicLong();
  private final ConcurrentMap<Channel, Session> sessions = new ConcurrentHashMap<>();

  /** A door for all listeners together. */
  public Door(SessionServices services) {
    this.services = services;
    this.limiter =
        new ConnectionLimiter(
            services.limits().maxSessions(), services.limits().maxSessionsPerDevice());
  }

  /**
   * Opens a session, or closes the channel and answers null. Called on the channel's event loop.
   */
  @Nullable Session admit(Channel device, ListenerSpec spec) {
    if (!(device.remoteAddress() instanceof InetSocketAddress address)) {
      // Gone before it was looked at.
      var unused = device.close();
      return null;
    }
    SessionId id = new SessionId(ids.incrementAndGet());
    SessionReport report =
        new SessionReport(
            id, spec.name(), address, services.observer().sessionOpened(id, spec.name(), address));
    if (!services.admission().admits(address.getAddress())) {
      return turnAway(
          device,
          report,
          CloseReason.DEVICE_NOT_ADMITTED,
          "its address is in no subnet of devices.allow");
    }
    if (!spec.serves(address.getAddress())) {
      return turnAway(
          device,
          report,
          CloseReason.DEVICE_NOT_ADMITTED,
          "its address is in no subnet of this listener's devices");
    }
    Optional<CloseReason> full = limiter.acquire(address.getAddress());
    if (full.isPresent()) {
      return turnAway(
          device, report, full.get(), "see limits.maxSessions and maxSessionsPerDevice");
    }
    Session session = new Session(spec, services, device, report);
    sessions.put(device, session);
    device
        .closeFuture()
        .addListener(
            closed -> {
              limiter.release(address.getAddress());
              sessions.remove(device);
            });
    return session;
  }

  /** How many sessions run. */
  public int sessions() {
    return limiter.active();
  }

  /** Ends all sessions that still run, because the proxy does. */
  public void closeAll() {
    sessions.forEach((device, session) -> device.eventLoop().execute(session::shutDown));
  }

  private static @Nullable Session turnAway(
      Channel device, SessionReport report, CloseReason reason, String detail) {
    var unused = device.close();
    report.closed(reason, detail, 0, 0);
    return null;
  }
}
