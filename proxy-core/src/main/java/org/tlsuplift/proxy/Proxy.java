package org.tlsuplift.proxy;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.resolver.AddressResolverGroup;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.tlsuplift.proxy.accept.BindFailedException;
import org.tlsuplift.proxy.accept.Listener;
import org.tlsuplift.proxy.accept.Listeners;
import org.tlsuplift.proxy.accept.ReachableTargets;
import org.tlsuplift.proxy.accept.SessionRegistry;
import org.tlsuplift.proxy.context.HandshakeLimiter;
import org.tlsuplift.proxy.context.MailQuotas;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.signin.LearntCapabilities;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.UpstreamConnector;
import org.tlsuplift.proxy.upstream.UpstreamSelfTest;
import org.tlsuplift.proxy.upstream.dial.OriginResolvers;
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

  private final ProxySpec spec;
  private final TlsContexts contexts;
  private final EventLoopGroup loops;
  private final AddressResolverGroup<InetSocketAddress> resolvers;
  private final SelfAddresses self = new SelfAddresses();
  private final SessionServices services;
  private final SessionRegistry registry;
  private final Listeners listeners;

  private Proxy(ProxySpec spec, TlsContexts contexts) {
    this.spec = spec;
    this.contexts = contexts;
    this.loops = spec.transport().newEventLoops(spec.eventLoops());
    this.resolvers =
        OriginResolvers.create(
            spec.transport().datagramChannel(),
            spec.transport().channel(),
            spec.upstream().resolveTimeout());
    this.services =
        new SessionServices(
            spec.limits(),
            new HandshakeLimiter(spec.limits()),
            new MailQuotas(spec.listeners(), spec.limits().networks()),
            spec.admission(),
            spec.routes(),
            spec.certificates(),
            contexts,
            new UpstreamConnector(
                spec.upstream(),
                contexts,
                spec.transport().channel(),
                resolvers,
                self::contains,
                exits(spec.routes()),
                scopes(spec.routes()),
                spec.identities()),
            new LearntCapabilities(),
            spec.observer());
    this.registry = new SessionRegistry(services);
    this.listeners =
        new Listeners(
            spec.transport(), loops, registry, routes -> new ReachableTargets(routes, self));
  }

  private Function<HostPort, Egress> exits(RouteTable routes) {
    return origin -> routes.egress(origin).orElse(spec.upstream().egress());
  }

  private Function<HostPort, AddressScope> scopes(RouteTable routes) {
    return origin -> routes.scope(origin, spec.upstream().privateAddresses());
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
   * Does the same with sockets that another process, such as systemd, opened for this one.
   *
   * @param listening the sockets by the address on which they listen; each is a channel of the
   *     specification's transport that no event loop has yet. Addresses of no listener are ignored
   */
  public static Proxy prepare(ProxySpec spec, Map<InetSocketAddress, ServerSocketChannel> listening)
      throws BindFailedException {
    TlsContexts contexts = new TlsContexts(spec.trust(), spec.maximumUpstream());
    UpstreamSelfTest.run(spec.maximumUpstream());
    Proxy proxy = new Proxy(spec, contexts);
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
    listeners.all().forEach(listener -> self.add(listener.address()));
    listeners.accept();
  }

  /** Adds an address of this process that no origin may have, such as the admin server's. */
  public void alsoListeningOn(InetSocketAddress address) {
    self.add(address);
  }

  /** The open ports, in the order of the specification. A listener may have several ports. */
  public List<Listener> listeners() {
    return listeners.all();
  }

  /**
   * Stops accepting on all ports of one listener; its sessions continue.
   *
   * @param name the listener's name; an unknown name is ignored
   */
  public void retire(String name) {
    listeners.close(name);
  }

  /**
   * Gives sessions that start from now on other routes. Open sessions keep theirs, also for origins
   * that they have yet to dial. Does not block; any thread may call it.
   *
   * @throws IllegalArgumentException if a route refers to an unknown client certificate
   */
  public void replaceRoutes(RouteTable routes) {
    ProxySpec.requireKnown(routes, spec.identities());
    registry.replace(
        services.with(routes, services.upstream().with(exits(routes), scopes(routes))));
  }

  /** The event loops, for meters. */
  public EventLoopGroup eventLoops() {
    return loops;
  }

  public int sessions() {
    return registry.sessions();
  }

  /**
   * Stops accepting, waits for sessions to end, and closes the remaining ones after the deadline.
   *
   * @return the number of sessions that were closed at the deadline
   */
  public int drain(Duration deadline) {
    listeners.close();
    awaitSessions(deadline);
    int left = registry.sessions();
    registry.closeAll();
    awaitSessions(SESSIONS_END);
    return left;
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
    resolvers.close();
    loops
        .shutdownGracefully(0, LOOPS_END.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(LOOPS_END.toMillis(), TimeUnit.MILLISECONDS);
    contexts.close();
  }
}
