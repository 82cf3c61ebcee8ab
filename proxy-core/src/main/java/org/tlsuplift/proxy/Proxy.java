package org.tlsuplift.proxy;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.tlsuplift.proxy.accept.BindFailedException;
import org.tlsuplift.proxy.accept.Generation;
import org.tlsuplift.proxy.accept.Listener;
import org.tlsuplift.proxy.accept.Listeners;
import org.tlsuplift.proxy.accept.PortChange;
import org.tlsuplift.proxy.accept.ReachableTargets;
import org.tlsuplift.proxy.accept.SessionRegistry;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.signin.LearntCapabilities;
import org.tlsuplift.proxy.upstream.UpstreamConnector;
import org.tlsuplift.proxy.upstream.dial.SelfAddresses;

/**
 * The proxy: event loops, listeners and sessions.
 *
 * <p>{@link #start} first proves that upstream TLS refuses old versions and unverified origins. The
 * methods block, so an event loop must not call them.
 */
public final class Proxy implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(20);
  private static final Duration SESSIONS_END = Duration.ofSeconds(1);
  private static final Duration LOOPS_END = Duration.ofSeconds(1);

  private final Transport transport;
  private final EventLoopGroup loops;
  private final SelfAddresses self;
  private final SessionRegistry registry;
  private final Listeners listeners;
  private final Generations<ProxyServices> live = new Generations<>(ProxyServices::closeable);
  private volatile ProxyServices current;
  private Generation generation;
  private boolean stopping;

  /** The end of the sessions that have earlier routes of the current specification. */
  private CompletionStage<Void> earlier = CompletableFuture.allOf();

  private Proxy(ProxyServices first, SelfAddresses self) {
    this.transport = first.spec().transport();
    this.loops = transport.newEventLoops(first.spec().eventLoops());
    this.self = self;
    this.current = first;
    this.generation = generation(first);
    this.registry = new SessionRegistry(generation);
    this.listeners = new Listeners(transport, loops, registry);
    live.add(first);
  }

  private Generation generation(ProxyServices services) {
    return new Generation(
        services.services(),
        new ReachableTargets(services.spec().routes(), self),
        services.spec().listeners());
  }

  /**
   * Tests upstream TLS, binds all ports and starts accepting.
   *
   * @throws BindFailedException when a port cannot be bound; no connection was accepted before
   * @throws IllegalStateException when the self-test fails or BoringSSL cannot be loaded
   */
  public static Proxy start(ProxySpec spec) throws BindFailedException {
    Proxy proxy = prepare(spec);
    try {
      proxy.open();
      return proxy;
    } catch (BindFailedException failed) {
      proxy.close();
      throw failed;
    }
  }

  /**
   * Does the first half of a start, which needs no free port: tests upstream TLS and opens sockets.
   *
   * @throws BindFailedException when the system does not let this process open such a socket
   * @throws IllegalStateException when the self-test fails or BoringSSL cannot be loaded
   */
  public static Proxy prepare(ProxySpec spec) throws BindFailedException {
    return prepare(spec, Map.of());
  }

  /**
   * Prepares a proxy with sockets that another process, such as systemd, opened for this one.
   *
   * @param listening the sockets by the address on which they listen; each is a channel of the
   *     specification's transport that no event loop has yet. Addresses of no listener are ignored
   */
  public static Proxy prepare(ProxySpec spec, Map<InetSocketAddress, ServerSocketChannel> listening)
      throws BindFailedException {
    SelfAddresses self = new SelfAddresses();
    Proxy proxy = new Proxy(ProxyServices.first(spec, self::contains), self);
    try {
      proxy.listeners.open(spec.listeners(), listening);
      return proxy;
    } catch (BindFailedException failed) {
      proxy.close();
      throw failed;
    }
  }

  /**
   * Binds all ports, then starts accepting.
   *
   * @throws BindFailedException when a port cannot be bound; no connection was accepted before, and
   *     the caller must close this proxy
   */
  public void open() throws BindFailedException {
    listeners.bind();
    listeners().forEach(listener -> self.add(listener.address()));
    listeners.accept();
  }

  /** Adds an address of this process that no origin may have, such as the admin server's. */
  public void alsoListeningOn(InetSocketAddress address) {
    self.add(address);
  }

  /** Removes an address that {@link #alsoListeningOn} added. */
  public void notListeningOn(InetSocketAddress address) {
    self.remove(address);
  }

  /** The open ports, in the order of the specification. A listener may have several ports. */
  public List<Listener> listeners() {
    return listeners.of(current.spec().listeners());
  }

  /**
   * Stops accepting on all ports of one listener; its sessions continue.
   *
   * @param name the listener's name; an unknown name is ignored
   */
  public synchronized void retire(String name) {
    listeners.close(
        current.spec().listeners().stream().filter(spec -> spec.name().equals(name)).toList());
  }

  /**
   * Gives sessions that start from now on other routes. Open sessions keep theirs, also for origins
   * that they have yet to dial.
   *
   * @throws IllegalArgumentException if a route refers to an unknown client certificate
   */
  public synchronized void replaceRoutes(RouteTable routes) {
    ProxyServices next = current.next(current.spec().with(routes));
    live.add(next);
    earlier = both(earlier, switchTo(next));
  }

  /**
   * Gives sessions that start from now on another specification. Open sessions keep theirs, except
   * that a session ends if its device's address is no longer allowed. Ports that it adds are bound
   * first, then sessions get it, then ports that it lacks stop accepting.
   *
   * <p>The transport and the number of event loops stay. Session counts, message counts, caches and
   * TLS sessions stay where the specification allows it.
   *
   * @return completed when the last session of the specification before has ended, usually on its
   *     event loop
   * @throws BindFailedException when a port cannot be bound; nothing has changed then
   * @throws IllegalArgumentException if the transport differs
   * @throws IllegalStateException when the self-test fails, or the proxy is stopping
   */
  public synchronized CompletionStage<Void> apply(ProxySpec spec) throws BindFailedException {
    if (spec.transport() != transport) {
      throw new IllegalArgumentException(
          "got transport '%s'; expected '%s', because a running proxy cannot change it"
              .formatted(spec.transport().label(), transport.label()));
    }
    if (stopping) {
      throw new IllegalStateException("the proxy is stopping");
    }
    ProxyServices next = current.next(spec);
    live.add(next);
    PortChange ports;
    try {
      ports = listeners.prepare(spec.listeners());
    } catch (BindFailedException | RuntimeException failed) {
      live.ended(next);
      throw failed;
    }
    ports.added().forEach(self::add);
    CompletionStage<Void> end = both(earlier, switchTo(next));
    earlier = CompletableFuture.allOf();
    ports.complete();
    ports.removed().forEach(self::remove);
    return end;
  }

  private static CompletionStage<Void> both(
      CompletionStage<Void> one, CompletionStage<Void> other) {
    return CompletableFuture.allOf(one.toCompletableFuture(), other.toCompletableFuture());
  }

  private CompletionStage<Void> switchTo(ProxyServices next) {
    ProxyServices before = current;
    Generation last = generation;
    current = next;
    generation = generation(next);
    registry.replace(generation);
    return last.end().thenRun(() -> live.ended(before));
  }

  /**
   * Ends the sessions that signed in with an account that no longer admits their device. Call after
   * each change of the accounts. Returns at once; thread-safe.
   */
  public void recheckAccounts() {
    registry.recheckAccounts();
  }

  /** The event loops, for meters. */
  public EventLoopGroup eventLoops() {
    return loops;
  }

  /** Connects to origins as sessions that start now do: by the current routes, exits and trust. */
  public UpstreamConnector upstream() {
    return current.services().upstream();
  }

  /** The mail origins' capabilities, for the devices of sessions that start now. */
  public LearntCapabilities learntCapabilities() {
    return current.services().learntCapabilities();
  }

  public int sessions() {
    return registry.sessions();
  }

  /** How many of the sessions wait for their handshakes to begin. */
  public long waitingHandshakes() {
    return registry.waitingHandshakes();
  }

  /** How many of the sessions use a specification from before the latest {@link #apply}. */
  public int earlierSessions() {
    return registry.earlierSessions();
  }

  /**
   * Stops accepting, waits for sessions to end, and closes the remaining ones after the deadline.
   *
   * @return the number of sessions that were closed at the deadline
   */
  public int drain(Duration deadline) {
    stopAccepting();
    awaitSessions(deadline);
    int left = registry.sessions();
    registry.closeAll();
    awaitSessions(SESSIONS_END);
    return left;
  }

  private synchronized void stopAccepting() {
    stopping = true;
    listeners.close();
  }

  private void awaitSessions(Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos();
    while (registry.sessions() > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  /** Closes everything within about 3 s, even if an event loop hangs or a class is missing. */
  @Override
  public void close() {
    drain(Duration.ZERO);
    live.close(ProxyServices::resolvers);
    loops
        .shutdownGracefully(0, LOOPS_END.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(LOOPS_END.toMillis(), TimeUnit.MILLISECONDS);
    live.close(ProxyServices::contexts);
  }
}
