package org.tlsuplift.proxy.accept;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.util.internal.PlatformDependent;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.ProxyProtocolSpec;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.session.Session;
import org.tlsuplift.proxy.setup.LingeringClose;

/** Admits or rejects connections and tracks sessions. Thread-safe. */
public final class SessionRegistry {
  private volatile SessionServices services;
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
   * Gives sessions that start from now on these services; open sessions keep theirs. The limits of
   * the number of sessions stay as they are.
   */
  public void replace(SessionServices next) {
    services = next;
  }

  /** Opens a session, or closes the channel and returns null. Call on the channel's event loop. */
  @Nullable Session admit(Channel device, ListenerSpec spec) {
    if (!(device.remoteAddress() instanceof InetSocketAddress address)) {
      // The device closed the connection before it was accepted.
      var unused = device.close();
      return null;
    }
    return admit(device, spec, address, (InetSocketAddress) device.localAddress());
  }

  /**
   * Admits a device whose address may come from a PROXY header.
   *
   * @param destination the address that the device connected to
   */
  @Nullable Session admit(
      Channel device,
      ListenerSpec spec,
      InetSocketAddress address,
      @Nullable InetSocketAddress destination) {
    SessionServices current = services;
    if (!current.admission().admits(address.getAddress())) {
      reject(
          device,
          spec,
          address,
          CloseReason.DEVICE_NOT_ADMITTED,
          Explanation.of(
              "its address is in no subnet of devices.allow", "add its subnet to devices.allow"));
      return null;
    }
    if (!spec.serves(address.getAddress())) {
      reject(
          device,
          spec,
          address,
          CloseReason.DEVICE_NOT_ADMITTED,
          Explanation.of(
              "its address is in no subnet of this listener's 'devices'",
              "add its subnet to 'devices' of the listener"));
      return null;
    }
    if (!buffers.hasRoom()) {
      reject(device, spec, address, CloseReason.OVERLOADED, buffers.refusal());
      return null;
    }
    Optional<CloseReason> full = limiter.acquire(address.getAddress());
    if (full.isPresent()) {
      reject(device, spec, address, full.get(), reached(full.get()));
      return null;
    }
    Session session =
        new Session(new SessionContext(spec, current, device, report(spec, address, destination)));
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
   * Makes a connection wait for its PROXY header, or closes it and returns null. The connection
   * counts as a session, but not yet as a session of a device. Call on the channel's event loop.
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
      reject(
          connection,
          spec,
          sender,
          CloseReason.PROXY_HEADER_REFUSED,
          Explanation.of(
              "the sender is in no subnet of the listener's proxyProtocol.from",
              "add the load balancer's address to proxyProtocol.from"));
      return null;
    }
    if (!limiter.enter()) {
      reject(
          connection, spec, sender, CloseReason.SESSION_LIMIT, reached(CloseReason.SESSION_LIMIT));
      return null;
    }
    PendingConnection waiting =
        new PendingConnection(this, spec, services.limits(), connection, sender, admitted);
    pending.put(connection, waiting);
    connection.closeFuture().addListener(closed -> leave(connection));
    return waiting;
  }

  /** A connection no longer waits for its PROXY header. A second call has no effect. */
  void leave(Channel connection) {
    if (pending.remove(connection) != null) {
      limiter.leave();
    }
  }

  /** Closes a connection and reports a session that ended at once. */
  void reject(
      Channel device,
      ListenerSpec spec,
      InetSocketAddress address,
      CloseReason reason,
      Explanation why) {
    SessionReport report = report(spec, address, null);
    var unused = device.close();
    report.closed(reason, why, 0, 0, false);
  }

  private Explanation reached(CloseReason limit) {
    return Explanation.of(
        limit == CloseReason.SESSION_LIMIT
            ? "all %d sessions are in use".formatted(services.limits().maxSessions())
            : "the device has its %d sessions already"
                .formatted(services.limits().maxSessionsPerDevice()));
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

  /** The number of sessions, including connections that wait for a PROXY header. */
  public int sessions() {
    return limiter.active();
  }

  /** Ends all sessions, and all connections that wait for a PROXY header, at a shutdown. */
  public void closeAll() {
    pending.forEach(
        (device, waiting) ->
            device
                .eventLoop()
                .execute(
                    () -> {
                      waiting.close(CloseReason.SHUTDOWN, Explanation.of(LingeringClose.SHUTDOWN));
                      // The header may have arrived before this ran.
                      Session session = sessions.get(device);
                      if (session != null) {
                        session.shutDown();
                      }
                    }));
    sessions.forEach((device, session) -> device.eventLoop().execute(session::shutDown));
  }

  /**
   * The memory for buffers. New sessions are refused above three quarters of it. The rest is for
   * open sessions whose peers become slow, and for fragmentation. Thread-safe.
   *
   * @param limit the bytes that sessions may hold before new sessions are refused
   * @param held the bytes that sessions hold now
   */
  record BufferBudget(long limit, LongSupplier held) {
    /** The most bytes that one session holds, by Netty's water marks and {@link Relay#READS}. */
    private static final long PER_SESSION = 128 << 10;

    /** The budget of this process, by -XX:MaxDirectMemorySize or -Xmx. */
    static BufferBudget ofProcess() {
      return new BufferBudget(
          PlatformDependent.maxDirectMemory() / 4 * 3,
          PooledByteBufAllocator.DEFAULT::pinnedDirectMemory);
    }

    boolean hasRoom() {
      return held.getAsLong() + PER_SESSION <= limit;
    }

    Explanation refusal() {
      return Explanation.of(
          "buffers of slow peers hold "
              + (held.getAsLong() >> 20)
              + " of "
              + (limit >> 20)
              + " MiB");
    }
  }
}
