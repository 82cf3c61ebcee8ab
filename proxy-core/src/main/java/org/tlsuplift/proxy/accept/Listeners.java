package org.tlsuplift.proxy.accept;

import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.negotiate.TargetPolicy;
import org.tlsuplift.proxy.route.RouteTable;

/**
 * The ports of a proxy. All of them are bound before any of them accepts a connection.
 *
 * <p>With SO_REUSEPORT the kernel gives a new socket its share of connections when it starts
 * listening. If this process then fails on another port, it resets these connections, which the old
 * process would have served. So the ports without SO_REUSEPORT are bound first. The shared ports
 * are then tested with sockets that do not listen and therefore get no connections.
 *
 * <p>The methods block for at most a second; event loops must not call them.
 */
public final class Listeners {
  private static final Duration CLOSE_LIMIT = Duration.ofMillis(500);

  private final Transport transport;
  private final EventLoopGroup loops;
  private final SessionRegistry registry;
  private final Function<RouteTable, TargetPolicy> policies;
  private final List<Listener> all = new ArrayList<>();

  public Listeners(
      Transport transport,
      EventLoopGroup loops,
      SessionRegistry registry,
      Function<RouteTable, TargetPolicy> policies) {
    this.transport = transport;
    this.loops = loops;
    this.registry = registry;
    this.policies = policies;
  }

  /**
   * Opens a socket for each address of each listener, and binds none.
   *
   * @param listening sockets that another process opened, by the address on which they listen
   * @throws BindFailedException when the system refuses a socket; the caller must close the others
   */
  public void open(List<ListenerSpec> specs, Map<InetSocketAddress, ServerSocketChannel> listening)
      throws BindFailedException {
    for (ListenerSpec spec : specs) {
      for (InetSocketAddress address : spec.bind()) {
        all.add(
            Listener.open(
                spec, address, listening.get(address), transport, loops, registry, policies));
      }
    }
  }

  /**
   * Binds all ports without accepting.
   *
   * @throws BindFailedException when one cannot be bound; the caller must close the others
   */
  public void bind() throws BindFailedException {
    for (Listener each : all) {
      if (!canBeTried(each)) {
        each.bind();
      }
    }
    List<Listener> shared = all.stream().filter(Listeners::canBeTried).toList();
    tryToBind(shared);
    for (Listener each : shared) {
      each.bind();
    }
  }

  /**
   * Whether a second socket can test the port. A transparent socket may have an address that does
   * not belong to this machine.
   */
  private static boolean canBeTried(Listener listener) {
    return listener.spec().reusePort()
        && !listener.inherited()
        && (!listener.spec().needsTransparentSocket() || isHere(listener.wanted().getAddress()));
  }

  private static boolean isHere(InetAddress address) {
    try {
      return address.isAnyLocalAddress()
          || address.isLoopbackAddress()
          || NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException unknown) {
      return false;
    }
  }

  private static void tryToBind(List<Listener> shared) throws BindFailedException {
    List<SocketChannel> sockets = new ArrayList<>();
    try {
      for (Listener each : shared) {
        sockets.add(tryToBind(each));
      }
    } finally {
      sockets.forEach(Listeners::closeQuietly);
    }
  }

  private static SocketChannel tryToBind(Listener listener) throws BindFailedException {
    InetSocketAddress address = listener.wanted();
    SocketChannel socket = null;
    try {
      socket =
          SocketChannel.open(
              address.getAddress() instanceof Inet4Address
                  ? StandardProtocolFamily.INET
                  : StandardProtocolFamily.INET6);
      socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      socket.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      return socket.bind(address);
    } catch (IOException failed) {
      if (socket != null) {
        closeQuietly(socket);
      }
      throw new BindFailedException(listener.spec(), address, failed);
    }
  }

  private static void closeQuietly(SocketChannel socket) {
    try {
      socket.close();
    } catch (IOException notOpenAnyMore) {
      // It was opened only to test the port.
    }
  }

  public void accept() {
    all.forEach(Listener::accept);
  }

  /** All ports in the order of the specification. A listener may have several ports. */
  public List<Listener> all() {
    return List.copyOf(all);
  }

  /** Stops accepting on all ports. */
  public void close() {
    close(each -> true);
  }

  /** Stops accepting on the ports of one listener; its sessions continue. */
  public void close(String name) {
    close(each -> each.spec().name().equals(name));
  }

  /** Waits until the ports are free, but at most 500 ms, because an event loop may hang. */
  private void close(Predicate<Listener> which) {
    List<ChannelFuture> closing = all.stream().filter(which).map(Listener::close).toList();
    long deadline = System.nanoTime() + CLOSE_LIMIT.toNanos();
    closing.forEach(
        each -> each.awaitUninterruptibly(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
  }
}
