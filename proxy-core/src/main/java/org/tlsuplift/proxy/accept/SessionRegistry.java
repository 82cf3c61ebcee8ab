package org.tlsuplift.proxy.accept;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.util.internal.PlatformDependent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.HandshakeQueues;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.ProxyProtocolSpec;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionFacts;
import org.tlsuplift.proxy.context.SessionReporter;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.session.Session;
import org.tlsuplift.proxy.setup.LingeringClose;

/**
 * Gives each connection the current generation, admits or rejects it, and tracks sessions.
 * Thread-safe.
 */
public final class SessionRegistry {
  private volatile Generation current;
  private final ConnectionLimiter limiter = new ConnectionLimiter(this::waitingHandshakes);
  private final HandshakeQueues handshakes = new HandshakeQueues(limiter::weight);
  private final BufferBudget buffers;
  private final AtomicLong ids = new AtomicLong();
  private final ConcurrentMap<Channel, Session> sessions = new ConcurrentHashMap<>();
  private final ConcurrentMap<Channel, PendingConnection> pending = new ConcurrentHashMap<>();

  public SessionRegistry(Generation first) {
    this(first, BufferBudget.ofProcess());
  }

  SessionRegistry(Generation first, BufferBudget buffers) {
    this.current = first;
    this.buffers = buffers;
  }

  /**
   * Gives connections that are accepted from now on another generation; open connections keep
   * theirs, but those whose device it does not admit end. One thread at a time may call this
   * method.
   */
  public void replace(Generation next) {
    Generation before = current;
    current = next;
    before.leave();
    sessions.forEach((device, session) -> device.eventLoop().execute(() -> revoked(session, next)));
  }

  /** Ends a session of an earlier generation if another one does not admit its device. */
  private static boolean revoked(Session session, Generation now) {
    Optional<Explanation> refusal =
        now.refusal(session.listener(), session.deviceAddress())
            .or(() -> now.accept(session.listener()).flatMap(session::userRefusal));
    refusal.ifPresent(session::revoke);
    return refusal.isPresent();
  }

  /** Ends the sessions that signed in with an account that no longer admits their device. */
  public void recheckAccounts() {
    sessions.forEach(
        (device, session) -> {
          if (session.needsAccount()) {
            device.eventLoop().execute(session::recheckAccount);
          }
        });
  }

  /**
   * Gives a connection the current generation. Closes the connection and returns null if the
   * generation has no listener for the port. Otherwise the caller must admit the connection or make
   * it wait for its PROXY header. Call on the connection's event loop.
   */
  @Nullable AcceptedConnection accept(Channel connection, ListenAddress address) {
    if (!(connection.remoteAddress() instanceof InetSocketAddress peer)) {
      // The device closed the connection before it was accepted.
      var unused = connection.close();
      return null;
    }
    Generation generation = current;
    while (!generation.enter()) {
      generation = current;
    }
    ListenerSpec spec = generation.listener(address);
    if (spec == null) {
      // The listener was removed, and its port is about to close.
      generation.leave();
      var unused = connection.close();
      return null;
    }
    return new AcceptedConnection(connection, peer, spec, generation);
  }

  /** Opens a session, or closes the channel and returns null. Call on the channel's event loop. */
  @Nullable Session admit(AcceptedConnection connection) {
    return admit(
        connection, connection.peer(), (InetSocketAddress) connection.channel().localAddress());
  }

  /**
   * Admits a device whose address may come from a PROXY header.
   *
   * @param destination the address that the device connected to
   */
  @Nullable Session admit(
      AcceptedConnection connection,
      InetSocketAddress address,
      @Nullable InetSocketAddress destination) {
    SessionServices services = connection.services();
    ListenerSpec spec = connection.spec();
    Optional<Explanation> refusal =
        connection.generation().refusal(spec.name(), address.getAddress());
    if (refusal.isPresent()) {
      reject(connection, address, CloseReason.DEVICE_NOT_ADMITTED, refusal.get());
      return null;
    }
    if (!buffers.hasRoom()) {
      reject(connection, address, CloseReason.OVERLOADED, buffers.refusal());
      return null;
    }
    Limits limits = services.limits();
    InetAddress network = limits.networks().of(address.getAddress());
    Optional<Explanation> crowd = handshakes.refusal(network, limits);
    if (crowd.isPresent()) {
      reject(connection, address, CloseReason.OVERLOADED, crowd.get());
      return null;
    }
    Optional<CloseReason> full = limiter.acquire(network, limits);
    if (full.isPresent()) {
      reject(connection, address, full.get(), reached(full.get(), limits));
      return null;
    }
    Channel device = connection.channel();
    Session session =
        new Session(context(connection, address, destination), connection.generation()::leave);
    sessions.put(device, session);
    device
        .closeFuture()
        .addListener(
            closed -> {
              limiter.release(network);
              sessions.remove(device);
            });
    // The generation may have been replaced before the session was in the map.
    Generation now = current;
    return now != connection.generation() && revoked(session, now) ? null : session;
  }

  /**
   * Makes a connection wait for its PROXY header, or closes it and returns null. The connection
   * counts as a session, but not yet as a session of a device. Call on the channel's event loop.
   */
  @Nullable PendingConnection expectProxyHeader(
      AcceptedConnection connection, ProxyProtocolSpec expected, Consumer<Session> admitted) {
    InetSocketAddress sender = connection.peer();
    if (!expected.trusts(sender.getAddress())) {
      reject(
          connection,
          sender,
          CloseReason.PROXY_HEADER_REFUSED,
          Explanation.of(
              "the sender is in no subnet of the listener's proxyProtocol.from",
              "add the load balancer's address to proxyProtocol.from"));
      return null;
    }
    Limits limits = connection.services().limits();
    if (!limiter.enter(limits)) {
      reject(
          connection,
          sender,
          CloseReason.SESSION_LIMIT,
          reached(CloseReason.SESSION_LIMIT, limits));
      return null;
    }
    PendingConnection waiting = new PendingConnection(this, connection, admitted);
    Channel channel = connection.channel();
    pending.put(channel, waiting);
    channel.closeFuture().addListener(closed -> leave(channel));
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
      AcceptedConnection connection,
      InetSocketAddress address,
      CloseReason reason,
      Explanation why) {
    SessionContext context = context(connection, address, null);
    var unused = connection.channel().close();
    context.report().closed(reason, why, 0, 0, false);
    connection.generation().leave();
  }

  private static Explanation reached(CloseReason limit, Limits limits) {
    return limit == CloseReason.SESSION_LIMIT
        ? limits.sessionsInUse()
        : Explanation.of(
            "the device has its %d sessions already".formatted(limits.maxSessionsPerDevice()));
  }

  private SessionContext context(
      AcceptedConnection connection,
      InetSocketAddress address,
      @Nullable InetSocketAddress destination) {
    SessionServices services = connection.services();
    SessionId id = new SessionId(ids.incrementAndGet());
    String listener = connection.spec().name();
    SessionFacts facts = new SessionFacts(id, listener, address, destination);
    SessionReporter report =
        new SessionReporter(facts, services.observer().sessionOpened(id, listener, address));
    return new SessionContext(
        connection.spec(), services, connection.channel(), handshakes, facts, report);
  }

  /** The number of sessions, including connections that wait for a PROXY header. */
  public int sessions() {
    return limiter.active();
  }

  HandshakeQueues handshakes() {
    return handshakes;
  }

  /** The number of sessions whose device waits for its handshake to begin. */
  public long waitingHandshakes() {
    return handshakes.waiting();
  }

  /** How many of them use an earlier generation than new connections get. */
  public int earlierSessions() {
    return Math.max(0, sessions() - current.connections());
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
