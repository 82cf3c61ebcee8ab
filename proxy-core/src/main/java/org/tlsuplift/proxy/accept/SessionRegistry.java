package org.tlsuplift.proxy.accept;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.ProxyProtocolSpec;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.session.Session;
import org.tlsuplift.proxy.setup.LingeringClose;

/** Lets devices in or turns them away, and knows who is inside. Thread-safe. */
public final class SessionRegistry {
  private static final String LIMITS = "see limits.maxSessions and maxSessionsPerDevice";

  private final SessionServices services;
  private final ConnectionLimiter limiter;
  private final BufferBudget buffers;
  private final AtomicLong ids = new AtomicLong();
  private final ConcurrentMap<Channel, Session> sessions = new ConcurrentHashMap<>();
  private final ConcurrentMap<Channel, PendingConnection> pending = new ConcurrentHashMap<>();

  public SessionRegistry(SessionServices services) {
    this(services, BufferBudget.ofProcess());
  }

  SessionRegistry(SessionServices services, BufferBudget buffers) {
    this.services = services;
    this.limiter = new ConnectionLimiter(services.limits());
    this.buffers = buffers;
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
    return admit(device, spec, address, (InetSocketAddress) device.localAddress());
  }

  /**
   * The same for a device that is known from a PROXY header.
   *
   * @param destination where it connected to
   */
  @Nullable Session admit(
      Channel device,
      ListenerSpec spec,
      InetSocketAddress address,
      @Nullable InetSocketAddress destination) {
    if (!services.admission().admits(address.getAddress())) {
      turnAway(
          device,
          spec,
          address,
          CloseReason.DEVICE_NOT_ADMITTED,
          "its address is in no subnet of devices.allow");
      return null;
    }
    if (!spec.serves(address.getAddress())) {
      turnAway(
          device,
          spec,
          address,
          CloseReason.DEVICE_NOT_ADMITTED,
          "its address is in no subnet of this listener's devices");
      return null;
    }
    if (!buffers.hasRoom()) {
      turnAway(device, spec, address, CloseReason.OVERLOADED, buffers.refusal());
      return null;
    }
    Optional<CloseReason> full = limiter.acquire(address.getAddress());
    if (full.isPresent()) {
      turnAway(device, spec, address, full.get(), LIMITS);
      return null;
    }
    Session session =
        new Session(new SessionContext(spec, services, device, report(spec, address, destination)));
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

  /**
   * Lets a connection wait for its PROXY header, or closes it and answers null. It takes a place
   * among all sessions, but none of a device. Called on the channel's event loop.
   */
  @Nullable PendingConnection expectProxyHeader(
      Channel connection,
      ListenerSpec spec,
      ProxyProtocolSpec expected,
      Consumer<Session> admitted) {
    if (!(connection.remoteAddress() instanceof InetSocketAddress sender)) {
      var unused = connection.close();
      return null;
    }
    if (!expected.trusts(sender.getAddress())) {
      turnAway(
          connection,
          spec,
          sender,
          CloseReason.PROXY_HEADER_REFUSED,
          "its address is in no subnet of the listener's proxyProtocol.from, so it may not say which"
              + " device it connects for");
      return null;
    }
    if (!limiter.enter()) {
      turnAway(connection, spec, sender, CloseReason.SESSION_LIMIT, LIMITS);
      return null;
    }
    PendingConnection waiting =
        new PendingConnection(this, spec, services.limits(), connection, sender, admitted);
    pending.put(connection, waiting);
    connection.closeFuture().addListener(closed -> leave(connection));
    return waiting;
  }

  /** Gives back the place of a connection that waits no longer; does nothing the second time. */
  void leave(Channel connection) {
    if (pending.remove(connection) != null) {
      limiter.leave();
    }
  }

  /** Closes a connection, and reports it as a session that ended at once. */
  void turnAway(
      Channel device,
      ListenerSpec spec,
      InetSocketAddress address,
      CloseReason reason,
      String detail) {
    SessionReport report = report(spec, address, null);
    var unused = device.close();
    report.closed(reason, detail, 0, 0, false);
  }

  private SessionReport report(
      ListenerSpec spec, InetSocketAddress address, @Nullable InetSocketAddress destination) {
    SessionId id = new SessionId(ids.incrementAndGet());
    return new SessionReport(
        id,
        spec.name(),
        address,
        destination,
        services.observer().sessionOpened(id, spec.name(), address));
  }

  /** How many sessions run, with those that wait for a PROXY header. */
  public int sessions() {
    return limiter.active();
  }

  /** Ends all sessions that still run, or wait for a PROXY header, because the proxy ends. */
  public void closeAll() {
    pending.forEach(
        (device, waiting) ->
            device
                .eventLoop()
                .execute(
                    () -> {
                      waiting.close(CloseReason.SHUTDOWN, LingeringClose.SHUTDOWN);
                      // It may have become one before this ran.
                      Session session = sessions.get(device);
                      if (session != null) {
                        session.shutDown();
                      }
                    }));
    sessions.forEach((device, session) -> device.eventLoop().execute(session::shutDown));
  }
}
