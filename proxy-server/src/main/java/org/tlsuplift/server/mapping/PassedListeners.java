package org.tlsuplift.server.mapping;

import io.netty.channel.ChannelException;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.BindAddress;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.process.PassedSocket;

/**
 * Gives listeners the sockets that systemd opened for them.
 *
 * <p>Systemd keeps such a socket open and queues connections, whatever this process does. So every
 * socket must belong to a listener: devices would wait at others until they time out.
 */
public final class PassedListeners {
  // Values of Linux, in asm-generic/socket.h and in.h.
  private static final int SOL_SOCKET = 1;
  private static final int SO_ACCEPTCONN = 30;
  private static final int SOL_IP = 0;
  private static final int IP_TRANSPARENT = 19;

  private final LoadedConfig loaded;
  private final Transport transport;
  private final List<ListenerSpec> listeners;

  private PassedListeners(LoadedConfig loaded, ResolvedConfig resolved) {
    this.loaded = loaded;
    this.transport = resolved.transport();
    this.listeners = resolved.listeners();
  }

  /**
   * The sockets by the address on which they listen. No event loop has them yet.
   *
   * @throws OperatorException if one cannot be used, with the remedy
   */
  public static Map<InetSocketAddress, ServerSocketChannel> of(
      List<PassedSocket> sockets, LoadedConfig loaded, ResolvedConfig resolved)
      throws OperatorException {
    PassedListeners passed = new PassedListeners(loaded, resolved);
    Map<InetSocketAddress, ServerSocketChannel> channels = new HashMap<>();
    for (PassedSocket socket : sockets) {
      ServerSocketChannel channel = passed.open(socket);
      passed.require(socket, channel);
      if (channels.put(channel.localAddress(), channel) != null) {
        throw refused(socket, channel.localAddress(), "one socket for each address", "remove one");
      }
    }
    return channels;
  }

  private ServerSocketChannel open(PassedSocket socket) throws OperatorException {
    try {
      if (socket.isBlocking()) {
        throw new OperatorException(
            text(socket)
                + " is blocking; expected a non-blocking one; add NonBlocking=yes to [Service]",
            null);
      }
      ServerSocketChannel channel =
          transport
              .listening(socket.descriptor())
              .orElseThrow(
                  () ->
                      new OperatorException(
                          "transport: got '%s', which cannot use the sockets of systemd; expected epoll or io_uring; write 'transport: auto', or start the service without its .socket unit"
                              .formatted(transport.label()),
                          null));
      if (channel.localAddress() == null || !is(channel, SOL_SOCKET, SO_ACCEPTCONN)) {
        throw new OperatorException(
            text(socket)
                + " is not a listening TCP socket; expected ListenStream= with address and port;"
                + " correct the .socket unit",
            null);
      }
      return channel;
    } catch (IOException | ChannelException | ClassCastException unusable) {
      throw new OperatorException(
          "%s cannot be used (%s); expected ListenStream= with address and port; correct the .socket unit"
              .formatted(text(socket), unusable.getMessage()),
          unusable);
    }
  }

  private void require(PassedSocket socket, ServerSocketChannel channel) throws OperatorException {
    InetSocketAddress address = channel.localAddress();
    for (ListenerConfig listener : loaded.config().listeners()) {
      if (listener.tls().profile() == ListenerConfig.Profile.ANTIQUE
          && listener.bind().stream().anyMatch(at(address)::collidesWith)) {
        throw refused(
            socket,
            address,
            "no socket for the antique listener "
                + listener.name()
                + ", which closes its port after its last day; systemd would keep it open",
            "remove this ListenStream=");
      }
    }
    ListenerSpec owner =
        listeners.stream()
            .filter(each -> socket.isUnnamed() || each.name().equals(socket.name()))
            .filter(each -> each.bind().contains(address))
            .findFirst()
            .orElseThrow(() -> refused(socket, address, expected(socket), "correct the unit"));
    if (owner.needsTransparentSocket() && !is(channel, SOL_IP, IP_TRANSPARENT)) {
      throw refused(
          socket,
          address,
          "a transparent socket for the listener " + owner.name(),
          "add Transparent=yes to [Socket]");
    }
  }

  private static BindAddress at(InetSocketAddress address) {
    return new BindAddress(NetUtil.toAddressString(address.getAddress()), address.getPort());
  }

  private String expected(PassedSocket socket) {
    return listeners.stream()
        .filter(each -> socket.isUnnamed() || each.name().equals(socket.name()))
        .map(
            each ->
                "FileDescriptorName=%s with ListenStream=%s"
                    .formatted(
                        each.name(),
                        each.bind().stream()
                            .map(NetUtil::toSocketAddressString)
                            .collect(Collectors.joining(" or "))))
        .reduce((one, other) -> one + ", " + other)
        .orElseGet(
            () ->
                "FileDescriptorName= with the name of a listener: "
                    + listeners.stream().map(ListenerSpec::name).collect(Collectors.joining(", ")));
  }

  private static boolean is(ServerSocketChannel channel, int level, int option) {
    Integer value =
        channel.config().getOption(new IntegerUnixChannelOption("of systemd", level, option));
    return value != null && value != 0;
  }

  private static OperatorException refused(
      PassedSocket socket, InetSocketAddress address, String expected, String remedy) {
    return new OperatorException(
        "%s: got the address %s; expected %s; %s"
            .formatted(text(socket), NetUtil.toSocketAddressString(address), expected, remedy),
        null);
  }

  private static String text(PassedSocket socket) {
    return "the socket '" + socket.name() + "' of systemd (descriptor " + socket.descriptor() + ")";
  }
}
