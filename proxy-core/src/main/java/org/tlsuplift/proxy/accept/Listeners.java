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
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.tlsuplift.proxy.context.ListenerSpec;

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
  private final List<ListeningSocket> sockets = new CopyOnWriteArrayList<>();

  public Listeners(Transport transport, EventLoopGroup loops, SessionRegistry registry) {
    this.transport = transport;
    this.loops = loops;
    this.registry = registry;
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
        sockets.add(
            ListeningSocket.open(
                spec, address, listening.get(address), transport, loops, registry));
      }
    }
  }

  /**
   * Binds all ports without accepting.
   *
   * @throws BindFailedException when one cannot be bound; the caller must close the others
   */
  public void bind() throws BindFailedException {
    bind(sockets);
  }

  private static void bind(List<ListeningSocket> sockets) throws BindFailedException {
    for (ListeningSocket each : sockets) {
      if (!canBeTried(each)) {
        each.bind();
      }
    }
    List<ListeningSocket> shared = sockets.stream().filter(Listeners::canBeTried).toList();
    tryToBind(shared);
    for (ListeningSocket each : shared) {
      each.bind();
    }
  }

  /**
   * Whether a second socket can test the port. A transparent socket may have an address that does
   * not belong to this machine.
   */
  private static boolean canBeTried(ListeningSocket listener) {
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

  private static void tryToBind(List<ListeningSocket> shared) throws BindFailedException {
    List<SocketChannel> sockets = new ArrayList<>();
    try {
      for (ListeningSocket each : shared) {
        sockets.add(tryToBind(each));
      }
    } finally {
      sockets.forEach(Listeners::closeQuietly);
    }
  }

  private static SocketChannel tryToBind(ListeningSocket listener) throws BindFailedException {
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
    } catch (IOException closed) {
      // It was opened only to test the port.
    }
  }

  public void accept() {
    sockets.forEach(ListeningSocket::accept);
  }

  /** The open ports of these listeners, in their order. A listener may have several ports. */
  public List<Listener> of(List<ListenerSpec> specs) {
    List<ListeningSocket> left = new ArrayList<>(sockets);
    List<Listener> listeners = new ArrayList<>();
    for (ListenerSpec spec : specs) {
      for (InetSocketAddress address : spec.bind()) {
        take(left, ListenAddress.of(spec, address))
            .ifPresent(
                socket -> listeners.add(new Listener(spec, socket.address(), socket.inherited())));
      }
    }
    return listeners;
  }

  /** Removes the first socket of a port from a list. */
  private static Optional<ListeningSocket> take(
      List<ListeningSocket> sockets, ListenAddress address) {
    Optional<ListeningSocket> found =
        sockets.stream().filter(each -> each.listenAddress().equals(address)).findFirst();
    found.ifPresent(sockets::remove);
    return found;
  }

  /**
   * Binds the ports that these listeners need in addition. They do not accept yet, and the other
   * ports stay as they are.
   *
   * @throws BindFailedException when one cannot be bound, or an open port needs another option; no
   *     port has changed then
   */
  public PortChange prepare(List<ListenerSpec> specs) throws BindFailedException {
    List<ListeningSocket> removed = new ArrayList<>(sockets);
    List<ListeningSocket> added = new ArrayList<>();
    try {
      for (ListenerSpec spec : specs) {
        for (InetSocketAddress address : spec.bind()) {
          Optional<ListeningSocket> open = take(removed, ListenAddress.of(spec, address));
          if (open.isPresent()) {
            open.get().requireOptionsOf(spec);
          } else {
            added.add(ListeningSocket.open(spec, address, null, transport, loops, registry));
          }
        }
      }
      bind(added);
      return new PortChange(this, added, removed);
    } catch (BindFailedException failed) {
      close(added);
      throw failed.becauseOf(sockets.stream().map(ListeningSocket::address).toList());
    }
  }

  /** Accepts on the added ports, and closes the removed ones. */
  void complete(List<ListeningSocket> added, List<ListeningSocket> removed) {
    sockets.addAll(added);
    added.forEach(ListeningSocket::accept);
    sockets.removeAll(removed);
    close(removed);
  }

  /** Stops accepting on all ports. */
  public void close() {
    close(sockets);
  }

  /** Stops accepting on the ports of these listeners; their sessions continue. */
  public void close(Collection<ListenerSpec> specs) {
    Set<ListenAddress> addresses = new HashSet<>();
    for (ListenerSpec spec : specs) {
      spec.bind().forEach(address -> addresses.add(ListenAddress.of(spec, address)));
    }
    List<ListeningSocket> closing =
        sockets.stream().filter(each -> addresses.contains(each.listenAddress())).toList();
    sockets.removeAll(closing);
    close(closing);
  }

  /** Waits until the ports are free, but at most 500 ms, because an event loop may hang. */
  static void close(List<ListeningSocket> which) {
    List<ChannelFuture> closing = which.stream().map(ListeningSocket::close).toList();
    long deadline = System.nanoTime() + CLOSE_LIMIT.toNanos();
    closing.forEach(
        each -> each.awaitUninterruptibly(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
  }
}
