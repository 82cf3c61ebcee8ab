package org.tlsuplift.server.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.epoll.Epoll;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.testing.ClientAuthority;
import org.tlsuplift.proxy.testing.Issuer;
import org.tlsuplift.proxy.testing.Issuer.Part;
import org.tlsuplift.server.authority.CaExport;

/** Messages arrive, or are waiting, or {@code send} ends because nobody wants them. */
@Timeout(300)
class SyslogOutputTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private final ClientAuthority authority = ClientAuthority.create();
  private final List<String> troubles = new CopyOnWriteArrayList<>();
  private Path trust = Path.of("roots.pem");

  @BeforeEach
  void writeTrust() throws Exception {
    trust =
        Files.writeString(
            directory.resolve("roots.pem"), authority.issue("EC", "x").certificatePem());
  }

  private SyslogOutput output(SyslogServer.Address address) {
    return new SyslogOutput(
        new SyslogServer(address, SyslogServer.Facility.DAEMON, trust),
        (server, failed) -> troubles.add(server.address() + ": " + SyslogOutput.detail(failed)));
  }

  private static SyslogMessage message(String text) {
    return new SyslogMessage(Instant.EPOCH, SyslogMessage.Severity.INFORMATIONAL, "log", text);
  }

  private static String next(SyslogReceiver receiver) throws InterruptedException {
    return String.valueOf(receiver.messages.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
        .replaceFirst("^.* log - ", "");
  }

  @Test
  void sendsOverTlsWithLengths() throws Exception {
    try (SyslogReceiver receiver = new SyslogReceiver(authority.issue("EC", "localhost"), 0);
        SyslogOutput output = output(new SyslogServer.Address.Tls("localhost", receiver.port()))) {
      assertThat(output.send(message("one"))).isTrue();
      assertThat(output.send(message("two \u20ac"))).isTrue();
      assertThat(next(receiver)).isEqualTo("one");
      assertThat(next(receiver)).isEqualTo("two \u20ac");
      assertThat(troubles).isEmpty();
    }
  }

  @Test
  void sendsNothingOnAConnectionThatTheServerHasClosed() throws Exception {
    SyslogReceiver receiver = new SyslogReceiver(authority.issue("EC", "localhost"), 0);
    try (receiver;
        TlsConnection connection =
            TlsConnection.open(new SyslogServer.Address.Tls("localhost", receiver.port()), trust)) {
      connection.send("one".getBytes(StandardCharsets.UTF_8));
      assertThat(receiver.messages.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isEqualTo("one");
      receiver.close();
      await().atMost(TIMEOUT).until(connection::isClosedByServer);
      assertThatThrownBy(() -> connection.send("two".getBytes(StandardCharsets.UTF_8)))
          .hasMessage("the server has closed the connection");
    }
  }

  @Test
  void refusesAServerWithAnotherName() throws Exception {
    try (SyslogReceiver receiver = new SyslogReceiver(authority.issue("EC", "other.example"), 0)) {
      assertThat(refusal(receiver)).contains("localhost");
      assertThat(receiver.messages).isEmpty();
    }
  }

  @Test
  void refusesAServerOfAnotherAuthority() throws Exception {
    try (SyslogReceiver receiver =
        new SyslogReceiver(ClientAuthority.create().issue("EC", "localhost"), 0)) {
      assertThat(refusal(receiver)).contains("unable to find valid certification path");
      assertThat(receiver.messages).isEmpty();
    }
  }

  /** The chain is verified like that of an origin, with the limits of the root. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusesAServerThatItsRootDoesNotPermit(boolean alternative) throws Exception {
    Issuer root = Issuer.root("Limited", Part.excluding("localhost"));
    Issuer server =
        alternative ? root.issue("x", Part.names("localhost")) : root.issue("localhost");
    CaExport.write(root.certificate(), CaExport.Format.PEM, trust);
    try (SyslogReceiver receiver =
        new SyslogReceiver(
            new ClientAuthority.Issued(server.key().getPrivate(), List.of(server.certificate())),
            0)) {
      assertThat(refusal(receiver)).contains("its name constraints exclude a name");
      assertThat(receiver.messages).isEmpty();
    }
  }

  /** What is reported; the message then waits until the output is closed. */
  private String refusal(SyslogReceiver receiver) throws Exception {
    SyslogOutput output = output(new SyslogServer.Address.Tls("localhost", receiver.port()));
    CompletableFuture<Boolean> sent =
        CompletableFuture.supplyAsync(() -> output.send(message("secret")));
    await().atMost(TIMEOUT).until(() -> !troubles.isEmpty());
    output.close();
    assertThat(sent.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isFalse();
    return troubles.get(0);
  }

  @Test
  void waitsForAnUnreachableServer() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = free.getLocalPort();
    }
    try (SyslogOutput output = output(new SyslogServer.Address.Tls("localhost", port))) {
      CompletableFuture<Boolean> sent =
          CompletableFuture.supplyAsync(() -> output.send(message("late")));
      await().atMost(TIMEOUT).until(() -> !troubles.isEmpty());
      try (SyslogReceiver receiver = new SyslogReceiver(authority.issue("EC", "localhost"), port)) {
        assertThat(next(receiver)).isEqualTo("late");
        assertThat(sent.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(troubles).hasSize(1);
      }
    }
  }

  @Test
  void sendsDatagrams() throws Exception {
    try (DatagramSocket receiver = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
        SyslogOutput output =
            output(new SyslogServer.Address.Udp("127.0.0.1", receiver.getLocalPort()))) {
      receiver.setSoTimeout((int) TIMEOUT.toMillis());
      assertThat(output.send(message("one"))).isTrue();
      DatagramPacket packet = new DatagramPacket(new byte[1000], 1000);
      receiver.receive(packet);
      assertThat(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8))
          .startsWith("<30>1 1970-01-01T00:00:00.000Z ")
          .endsWith(" log - one");
    }
  }

  @Test
  void reportsASocketThatIsMissing() {
    SyslogOutput output = output(new SyslogServer.Address.Unix(directory.resolve("none")));
    CompletableFuture<Boolean> sent =
        CompletableFuture.supplyAsync(() -> output.send(message("one")));
    await().atMost(TIMEOUT).until(() -> !troubles.isEmpty());
    output.close();
    assertThat(sent.join()).isFalse();
    if (Epoll.isAvailable()) {
      assertThat(troubles.get(0)).endsWith("java.io.IOException: the socket does not exist");
    }
  }
}
