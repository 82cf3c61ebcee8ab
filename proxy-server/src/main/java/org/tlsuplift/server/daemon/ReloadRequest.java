package org.tlsuplift.server.daemon;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.tlsuplift.proxy.model.HostPort;

/** Requests a reload from the daemon of this machine. Blocks until the daemon responds. */
public final class ReloadRequest {
  private static final int MAX_RESPONSE = 1 << 20;
  private static final int MAX_ADDRESS = 100;

  private ReloadRequest() {}

  /**
   * The address of the admin port of the daemon that started last, which need not be the one in the
   * configuration. Empty if no daemon responds in this time, or if this user may not ask.
   *
   * @param socket {@link ReloadSocket#of}
   */
  public static Optional<InetSocketAddress> adminAddress(Path socket, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    ByteBuffer response = ByteBuffer.allocate(MAX_ADDRESS);
    try (SocketChannel daemon = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        Selector readable = Selector.open()) {
      daemon.write(ByteBuffer.wrap((ReloadSocket.ADMIN + "\n").getBytes(StandardCharsets.UTF_8)));
      daemon.configureBlocking(false);
      daemon.register(readable, SelectionKey.OP_READ);
      for (int read = 0; read >= 0 && response.hasRemaining(); read = daemon.read(response)) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0 || readable.select(left) == 0) {
          return Optional.empty();
        }
        readable.selectedKeys().clear();
      }
    } catch (IOException | RuntimeException noDaemon) {
      return Optional.empty();
    }
    String address =
        new String(response.array(), 0, response.position(), StandardCharsets.UTF_8).strip();
    return HostPort.parse(address)
        .flatMap(
            at -> HostPort.address(at.host()).map(host -> new InetSocketAddress(host, at.port())));
  }

  /**
   * Requests a reload, and returns its result.
   *
   * @param socket {@link ReloadSocket#of}
   * @throws IOException if no daemon responds
   */
  public static ReloadResult send(Path socket) throws IOException {
    try (SocketChannel daemon = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      ByteBuffer request =
          ByteBuffer.wrap((ReloadSocket.REQUEST + "\n").getBytes(StandardCharsets.UTF_8));
      while (request.hasRemaining()) {
        daemon.write(request);
      }
      List<String> lines =
          new String(
                  Channels.newInputStream(daemon).readNBytes(MAX_RESPONSE), StandardCharsets.UTF_8)
              .lines()
              .toList();
      if (lines.isEmpty()) {
        throw new IOException("the daemon ended the connection without a response");
      }
      List<String> rest = lines.subList(1, lines.size());
      return lines.get(0).equals(ReloadSocket.APPLIED)
          ? new ReloadResult(rest, List.of())
          : new ReloadResult(List.of(), rest);
    } catch (IllegalArgumentException | UnsupportedOperationException unsupported) {
      throw new IOException(unsupported.getMessage(), unsupported);
    }
  }
}
