package org.tlsuplift.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class PassedSocketTest {
  @Test
  void numbersTheSocketsFromThreeAndNamesThem() {
    assertThat(
            PassedSocket.of(
                Map.of("LISTEN_PID", "7", "LISTEN_FDS", "3", "LISTEN_FDNAMES", "web:smtps:web"), 7))
        .containsExactly(
            new PassedSocket(3, "web"), new PassedSocket(4, "smtps"), new PassedSocket(5, "web"));
  }

  @Test
  void recognisesUnnamedSockets() {
    assertThat(PassedSocket.of(Map.of("LISTEN_PID", "7", "LISTEN_FDS", "1"), 7))
        .singleElement()
        .matches(PassedSocket::isUnnamed);
    assertThat(new PassedSocket(3, "tls-uplift.socket").isUnnamed()).isTrue();
    assertThat(new PassedSocket(3, "web").isUnnamed()).isFalse();
  }

  @Test
  void ignoresTheSocketsOfAnotherProcess() {
    assertThat(PassedSocket.of(Map.of("LISTEN_PID", "7", "LISTEN_FDS", "1"), 8)).isEmpty();
    assertThat(PassedSocket.of(Map.of("LISTEN_FDS", "1"), 8)).isEmpty();
    assertThat(PassedSocket.of(Map.of("LISTEN_PID", "8", "LISTEN_FDS", "many"), 8)).isEmpty();
    assertThat(PassedSocket.of(Map.of("LISTEN_PID", "8", "LISTEN_FDS", "-1"), 8)).isEmpty();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void distinguishesBlockingSockets() throws Exception {
    Epoll.ensureAvailability();
    Socket socket = Socket.newSocketStream();
    try {
      assertThat(new PassedSocket(socket.intValue(), "web").isBlocking()).isFalse();
      // The standard input of this process, which systemd would open the same way.
      assertThat(new PassedSocket(0, "web").isBlocking()).isTrue();
    } finally {
      socket.close();
    }
    assertThatIOException().isThrownBy(() -> new PassedSocket(9999, "web").isBlocking());
  }
}
