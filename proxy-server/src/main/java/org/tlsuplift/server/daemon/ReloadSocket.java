package org.tlsuplift.server.daemon;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.background.Schedule;

/**
 * Accepts requests for a reload at a UNIX socket that only the daemon's user can open. It serves
 * one request after the other, on its own thread, and gives each five seconds to arrive.
 *
 * <p>A request is the line {@value #REQUEST}. The response is {@value #APPLIED} with the changed
 * keys, one a line, or {@value #REFUSED} with the problems. The response to {@value #ADMIN} is the
 * address of the admin port.
 */
public final class ReloadSocket implements AutoCloseable {
  static final String REQUEST = "reload";
  static final String ADMIN = "admin";
  static final String APPLIED = "applied";
  static final String REFUSED = "refused";

  private static final Logger log = LoggerFactory.getLogger(ReloadSocket.class);
  private static final String NAME = "reload.sock";
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final int MAX_REQUEST = 64;

  private final Path file;
  private final Supplier<ReloadResult> reload;
  private final Supplier<InetSocketAddress> admin;
  private final ServerSocketChannel server;
  private final @Nullable Object key;
  private final Schedule schedule;

  private ReloadSocket(
      Path file,
      Supplier<ReloadResult> reload,
      Supplier<InetSocketAddress> admin,
      Schedule schedule,
      ServerSocketChannel server)
      throws IOException {
    this.file = file;
    this.reload = reload;
    this.admin = admin;
    this.schedule = schedule;
    this.server = server;
    this.key = key(file);
  }

  /** The socket of the daemon with this data directory. */
  public static Path of(Path dataDirectory) {
    return dataDirectory.resolve(NAME);
  }

  /**
   * Opens the socket, and starts serving it. The socket of a daemon that was killed is replaced,
   * and so is that of an older daemon with the same data directory.
   *
   * @param reload may block
   * @param admin the present address of the admin port
   * @throws IOException if the socket cannot be opened
   */
  public static ReloadSocket open(
      Path file,
      Supplier<ReloadResult> reload,
      Supplier<InetSocketAddress> admin,
      Schedule schedule)
      throws IOException {
    Files.deleteIfExists(file);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    boolean opened = false;
    try {
      // The data directory is for its user only, so only that user connects in between.
      server.bind(UnixDomainSocketAddress.of(file));
      if (Files.getFileAttributeView(file, PosixFileAttributeView.class) != null) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      }
      ReloadSocket socket = new ReloadSocket(file, reload, admin, schedule, server);
      Thread thread = new Thread(socket::serve, "uplift-reload");
      thread.setDaemon(true);
      thread.start();
      opened = true;
      return socket;
    } catch (UnsupportedOperationException | IllegalArgumentException unsupported) {
      throw new IOException(unsupported.getMessage(), unsupported);
    } finally {
      if (!opened) {
        server.close();
      }
    }
  }

  private void serve() {
    while (server.isOpen()) {
      try (SocketChannel peer = server.accept()) {
        answer(peer);
      } catch (IOException failed) {
        log.debug("a request for a reload failed", failed);
      } catch (RuntimeException | Error fault) {
        log.error("a request for a reload failed", fault);
      }
    }
  }

  private void answer(SocketChannel peer) throws IOException {
    Future<?> limit = closeLater(peer);
    String request = read(peer);
    limit.cancel(false);
    List<String> lines = new ArrayList<>();
    if (request.equals(REQUEST)) {
      ReloadResult result = reload.get();
      lines.add(result.isApplied() ? APPLIED : REFUSED);
      lines.addAll(result.isApplied() ? result.changed() : result.problems());
    } else if (request.equals(ADMIN)) {
      lines.add(NetUtil.toSocketAddressString(admin.get()));
    } else {
      return;
    }
    ByteBuffer response =
        ByteBuffer.wrap((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    Future<?> writing = closeLater(peer);
    while (response.hasRemaining()) {
      peer.write(response);
    }
    writing.cancel(false);
  }

  private Future<?> closeLater(SocketChannel peer) {
    return schedule.after(LIMIT, Runnable::run, () -> closeQuietly(peer));
  }

  private static String read(SocketChannel peer) throws IOException {
    ByteBuffer request = ByteBuffer.allocate(MAX_REQUEST);
    while (request.hasRemaining() && peer.read(request) >= 0) {
      String text = new String(request.array(), 0, request.position(), StandardCharsets.UTF_8);
      if (text.endsWith("\n")) {
        return text.strip();
      }
    }
    return "";
  }

  private static void closeQuietly(SocketChannel peer) {
    try {
      peer.close();
    } catch (IOException closed) {
      log.debug("a request for a reload was cut", closed);
    }
  }

  private static @Nullable Object key(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /** Stops serving, and deletes the socket unless a newer daemon has replaced it. */
  @Override
  public void close() {
    try {
      server.close();
      if (Files.exists(file) && Objects.equals(key, key(file))) {
        Files.delete(file);
      }
    } catch (IOException gone) {
      log.debug("{} was not deleted", file, gone);
    }
  }
}
