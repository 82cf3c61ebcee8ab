package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.background.Schedule;

class ReloadSocketTest {
  private static final InetSocketAddress ADMIN = new InetSocketAddress("127.0.0.1", 9465);
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @AutoClose private final Schedule schedule = new Schedule();
  @TempDir Path directory;
  private final AtomicInteger reloads = new AtomicInteger();
  private volatile ReloadResult result = new ReloadResult(List.of("routes", "limits"), List.of());

  private ReloadSocket open() throws IOException {
    return ReloadSocket.open(
        ReloadSocket.of(directory),
        () -> {
          reloads.incrementAndGet();
          return result;
        },
        () -> ADMIN,
        schedule);
  }

  @Test
  void aRequestReloadsAndGetsTheResult() throws IOException {
    try (ReloadSocket unused = open()) {
      assertThat(ReloadRequest.send(ReloadSocket.of(directory))).isEqualTo(result);
      result = new ReloadResult(List.of(), List.of("one is wrong", "two is wrong"));
      assertThat(ReloadRequest.send(ReloadSocket.of(directory))).isEqualTo(result);
      assertThat(reloads).hasValue(2);
    }
  }

  @Test
  void returnsTheAddressOfTheAdminPort() throws IOException {
    assertThat(ReloadRequest.adminAddress(ReloadSocket.of(directory), LIMIT)).isEmpty();
    try (ReloadSocket unused = open()) {
      assertThat(ReloadRequest.adminAddress(ReloadSocket.of(directory), LIMIT)).contains(ADMIN);
      assertThat(reloads).hasValue(0);
    }
  }

  @Test
  void waitsForTheAddressForALimitedTime() throws IOException {
    try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      silent.bind(UnixDomainSocketAddress.of(ReloadSocket.of(directory)));
      assertThat(ReloadRequest.adminAddress(ReloadSocket.of(directory), Duration.ofMillis(50)))
          .isEmpty();
    }
  }

  @Test
  void onlyTheUserOfTheDaemonCanOpenIt() throws IOException {
    try (ReloadSocket unused = open()) {
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(ReloadSocket.of(directory))))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void otherRequestsAreNotAnswered() throws IOException {
    try (ReloadSocket unused = open();
        SocketChannel peer =
            SocketChannel.open(UnixDomainSocketAddress.of(ReloadSocket.of(directory)))) {
      peer.write(ByteBuffer.wrap("stop\n".getBytes(StandardCharsets.UTF_8)));
      assertThat(peer.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      assertThat(reloads).hasValue(0);
    }
  }

  @Test
  void replacesTheSocketOfADeadDaemonAndDeletesOnlyItsOwn() throws IOException {
    Path file = ReloadSocket.of(directory);
    ReloadSocket older = open();
    try (ReloadSocket newer = open()) {
      older.close();
      assertThat(Files.exists(file)).isTrue();
      assertThat(ReloadRequest.send(file)).isEqualTo(result);
      newer.close();
      assertThat(Files.exists(file)).isFalse();
    }
    assertThatThrownBy(() -> ReloadRequest.send(file)).isInstanceOf(IOException.class);
  }
}
