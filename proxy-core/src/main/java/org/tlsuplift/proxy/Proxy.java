package org.tlsuplift.proxy;

import io.netty.channel.EventLoopGroup;
import io.netty.resolver.AddressResolverGroup;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.tlsuplift.proxy.listener.BindFailedException;
import org.tlsuplift.proxy.listener.Door;
import org.tlsuplift.proxy.listener.HandshakeLimiter;
import org.tlsuplift.proxy.listener.Listener;
import org.tlsuplift.proxy.listener.ListenerSpec;
import org.tlsuplift.proxy.listener.SessionServices;
import org.tlsuplift.proxy.listener.signin.LearntCapabilities;
import org.tlsuplift.proxy.negotiate.TargetPolicy;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.tls.UpstreamSelfTest;
import org.tlsuplift.proxy.upstream.OriginResolvers;
import org.tlsuplift.proxy.upstream.UpstreamConnector;

/**
 * The proxy: event loops, listeners and the sessions behind them.
 *
 * <p>{@link #start} proves first that upstream TLS refuses what it must refuse. Not for event
 * loops: its methods block.
 */
public final class Proxy implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(20);
  private static final Duration SHUTDOWN = Duration.ofSeconds(5);

  private final EventLoopGroup loops;
  private final AddressResolverGroup<InetSocketAddress> resolvers;
  private final SelfAddresses self = new SelfAddresses();
  private final Door door;
  private final List<Listener> listeners = new ArrayList<>();

  private Proxy(ProxySpec spec, TlsContexts contexts) {
    this.loops = spec.transport().newEventLoops(spec.eventLoops());
    this.resolvers =
        OriginResolvers.create(
            spec.transport().datagramChannel(),
            spec.transport().channel(),
            spec.upstream().resolveTimeout());
    this.door =
        new Door(
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
                    origin -> spec.routes().exit(origin).orElse(spec.upstream().exit()),
                    origin -> spec.routes().scope(origin, spec.upstream().privateAddresses()),
                    spec.identities()),
                new LearntCapabilities(),
                spec.observer()));
  }

  /**
   * Tests upstream TLS, opens all ports and begins to serve.
   *
   * @throws BindFailedException when a port cannot be opened; those already open are closed again
   * @throws IllegalStateException when the self-test fails or BoringSSL cannot be loaded
   */
  public static Proxy start(ProxySpec spec) throws BindFailedException {
    TlsContexts contexts = new TlsContexts(spec.trust(), spec.maximumUpstream());
    UpstreamSelfTest.run(spec.maximumUpstream());
    Proxy proxy = new Proxy(spec, contexts);
    TargetPolicy policy = new ReachableTargets(spec.routes(), proxy.self);
    try {
      for (ListenerSpec listener : spec.listeners()) {
        for (InetSocketAddress address : listener.bind()) {
          Listener bound =
              Listener.bind(listener, address, spec.transport(), proxy.loops, proxy.door, policy);
          proxy.listeners.add(bound);
          proxy.self.add(bound.address());
        }
      }
      return proxy;
    } catch (BindFailedException failed) {
      proxy.close();
      throw failed;
    }
  }

  /** Never to connect there either, beside the listeners' own addresses. */
  public void alsoListeningOn(InetSocketAddress address) {
    self.add(address);
  }

  /** The open ports, in the order of the specification; several of one name where it says so. */
  public List<Listener> listeners() {
    return List.copyOf(listeners);
  }

  /**
   * Stops to accept on all ports of one listener; its sessions go on.
   *
   * @param name of a listener; another one is ignored
   */
  public void retire(String name) {
    listeners.stream()
        .filter(listener -> listener.spec().name().equals(name))
        .forEach(Listener::stopAccepting);
  }

  /** The threads that move bytes, for meters. */
  public EventLoopGroup eventLoops() {
    return loops;
  }

  /** How many sessions run. */
  public int sessions() {
    return door.sessions();
  }

  /**
   * Stops to accept, lets sessions end, and ends those that have not by the deadline.
   *
   * @return how many had to be ended
   */
  public int drain(Duration deadline) {
    listeners.forEach(Listener::stopAccepting);
    awaitSessions(deadline);
    int left = door.sessions();
    door.closeAll();
    awaitSessions(Duration.ofSeconds(2));
    return left;
  }

  private void awaitSessions(Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos();
    while (door.sessions() > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  @Override
  public void close() {
    drain(Duration.ZERO);
    resolvers.close();
    // Bounded: where the jar was replaced under a running daemon, classes that are first needed
    // here
    // cannot be loaded any more, and the end of the loops would be waited for in vain.
    loops
        .shutdownGracefully(0, 2, TimeUnit.SECONDS)
        .awaitUninterruptibly(SHUTDOWN.toMillis(), TimeUnit.MILLISECONDS);
  }
}
