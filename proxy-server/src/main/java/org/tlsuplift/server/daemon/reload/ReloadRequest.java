package org.tlsuplift.server.daemon.reload;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.tlsuplift.server.daemon.ReloadResult;

/** Requests a reload from the daemon of this machine. Blocks until the daemon responds. */
public final class ReloadRequest {
  private static final int MAX_RESPONSE = 1 << 20;

  private ReloadRequest() {}

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
