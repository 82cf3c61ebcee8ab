package org.tlsuplift.proxy;

import io.netty.channel.EventLoopGroup;
import io.netty.resolver.AddressResolverGroup;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.tlsuplift.proxy.accept.BindFailedException;
import org.tlsuplift.proxy.accept.Listener;
import org.tlsuplift.proxy.accept.Listeners;
import org.tlsuplift.proxy.accept.ReachableTargets;
import org.tlsuplift.proxy.accept.SessionRegistry;
import org.tlsuplift.proxy.context.HandshakeLimiter;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.signin.LearntCapabilities;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.UpstreamConnector;
import org.tlsuplift.proxy.upstream.UpstreamSelfTest;
import org.tlsuplift.proxy.upstream.dial.OriginResolvers;
import org.tlsuplift.proxy.upstream.dial.SelfAddresses;

/**
 * The proxy: event loops, listeners and sessions.
 *
 * <p>{@link #start} proves first that upstream TLS refuses what it must refuse. Not for event
 * loops: its methods block.
 */
public final class Proxy implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(20);
  private static final Duration SESSIONS_END = Duration.ofSeconds(1);
  private static final Duration LOOPS_END = Duration.ofSeconds(1);

  private final EventLoopGroup loops;
  private final AddressResolverGroup<InetSocketAddress> resolvers;
  private final SelfAddresses self = new SelfAddresses();
  private final SessionRegistry registry;
  private final Listeners listeners;

  private Proxy(ProxySpec spec, TlsContexts contexts) {
    this.loops = spec.transport().newEventLoops(spec.eventLoops());
    this.resolvers =
        OriginResolvers.create(
            spec.transport().datagramChannel(),
            spec.transport().channel(),
            spec.upstream().resolveTimeout());
    this.registry =
        new SessionRegistry(
            new SessionServices(
                spec.limits(),
                new HandshakeLimiter(spec.limits()),
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
                    origin -> spec.routes().egress(origin).orElse(spec.upstream().egress()),
                    origin -> spec.routes().scope(origin, spec.upstream().privateAddresses()),
                    spec.identities()),
                new LearntCapabilities(),
                spec.observer()));
    this.listeners =
        new Listeners(spec.transport(), loops, registry, new ReachableTargets(spec.routes(), self));
  }

  /**
   * Tests upstream TLS, opens all ports and begins to serve.
   *
   * @throws BindFailedException when a port cannot be opened; no connection has been accepted then
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
   * Does the steps of a start that can fail without a port: tests upstream TLS and opens sockets.
   *
   * @throws BindFailedException when the system refuses such a socket to this process
   * @throws IllegalStateException when the self-test fails or BoringSSL cannot be loaded
   */
  public static Proxy prepare(ProxySpec spec) throws BindFailedException {
    TlsContexts contexts = new TlsContexts(spec.trust(), spec.maximumUpstream());
    UpstreamSelfTest.run(spec.maximumUpstream());
    Proxy proxy = new Proxy(spec, contexts);
    try {
      proxy.listeners.open(spec.listeners());
      return proxy;
    } catch (BindFailedException failed) {
      proxy.close();
      throw failed;
    }
  }

  /**
   * Binds all ports and then begins to serve.
   *
   * @throws BindFailedException when a port cannot be bound; no connection has been accepted then,
   *     and the caller must close this proxy
   */
  public void open() throws BindFailedException {
    listeners.bind();
    listeners.all().forEach(listener -> self.add(listener.address()));
    listeners.accept();
  }

  /** Adds an address of this process, such as the admin server's, that origins must not have. */
  public void alsoListeningOn(InetSocketAddress address) {
    self.add(address);
  }

  /** The open ports in the order of the specification. A listener may have several. */
  public List<Listener> listeners() {
    return listeners.all();
  }

  /**
   * Stops accepting on all ports of one listener; its sessions continue.
   *
   * @param name of a listener; an unknown name is ignored
   */
  public void retire(String name) {
    listeners.close(name);
  }

  /** The threads that move bytes, for meters. */
  public EventLoopGroup eventLoops() {
    return loops;
  }

  public int sessions() {
    return registry.sessions();
  }

  /**
   * Stops accepting, waits for sessions to end, and ends the others after the deadline.
   *
   * @param deadline how long sessions may continue
   * @return how many sessions it ended
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

  /** Ends everything within about 3 s, even if an event loop hangs or a class is missing. */
  @Override
  public void close() {
    drain(Duration.ZERO);
    resolvers.close();
    loops
        .shutdownGracefully(0, LOOPS_END.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(LOOPS_END.toMillis(), TimeUnit.MILLISECONDS);
  }
}
