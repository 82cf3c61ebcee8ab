package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.MailOriginServer;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

/** A tunnel carries only TLS, from the first byte to the last. */
@Timeout(300)
class TunnelTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final Origin.Script TELL =
      socket -> {
        for (String line = Device.readLine(socket.getInputStream());
            !line.isEmpty();
            line = Device.readLine(socket.getInputStream())) {
          socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        }
      };

  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  private static byte[] hello() throws Exception {
    SSLEngine engine = OWN.trusting().createSSLEngine("localhost", 443);
    engine.setUseClientMode(true);
    engine.beginHandshake();
    ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), hello);
    return Arrays.copyOf(hello.array(), hello.position());
  }

  private static Socket connected(Uplift uplift, HostPort target) throws Exception {
    Socket socket = Device.open(uplift.web());
    assertThat(Device.connect(socket, target)).startsWith("HTTP/1.1 200");
    return socket;
  }

  private static SessionSummary summary(Uplift uplift) {
    await().until(() -> !uplift.observer.closed.isEmpty());
    return uplift.observer.closed.get(0);
  }

  private MailOriginServer origin(String... says) {
    return new MailOriginServer(
        talk -> {
          talk.hear(5);
          begun.countDown();
          for (String line : says) {
            talk.say(line);
          }
          for (String line = talk.hear(); !line.isEmpty(); line = talk.hear()) {
            heard.add(line);
          }
          ended.countDown();
        });
  }

  @Test
  void plaintextFromTheOriginEndsTheTunnel() throws Exception {
    try (MailOriginServer origin = origin("HTTP/1.1 200 OK");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS);
        Socket device = connected(uplift, origin.as("localhost"))) {
      device.getOutputStream().write(hello());
      assertThat(device.getInputStream().read()).isEqualTo(-1);
      SessionSummary summary = summary(uplift);
      assertThat(summary.action()).isEqualTo(Action.TUNNEL);
      assertThat(summary.reason()).isEqualTo(CloseReason.ORIGIN_HANDSHAKE_FAILED);
      assertThat(summary.detail()).contains("check the origin's port");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void plaintextFromTheDeviceEndsTheTunnel(boolean atOnce) throws Exception {
    try (MailOriginServer origin = origin();
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS);
        Socket device = connected(uplift, origin.as("localhost"))) {
      byte[] hello = hello();
      byte[] plaintext = "MAIL FROM:<a@example.test>\r\n".getBytes(StandardCharsets.US_ASCII);
      if (atOnce) {
        byte[] both = Arrays.copyOf(hello, hello.length + plaintext.length);
        System.arraycopy(plaintext, 0, both, hello.length, plaintext.length);
        device.getOutputStream().write(both);
      } else {
        device.getOutputStream().write(hello);
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        device.getOutputStream().write(plaintext);
      }
      assertThat(device.getInputStream().read()).isEqualTo(-1);
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.NOT_TLS);
      assertThat(summary(uplift).detail()).contains("bytes other than TLS in the tunnel");
      assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(heard).noneMatch(line -> line.contains("MAIL FROM"));
    }
  }

  @Test
  void plaintextAfterTlsRecordsEndsTheTunnel() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.3");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS);
        Socket socket = connected(uplift, origin.as("localhost"));
        SSLSocket device = Device.handshake(socket, "localhost", ORIGINS.trusting(), "TLSv1.3")) {
      String line = "x".repeat(40_000);
      assertThat(Device.exchange(device, line)).isEqualTo(line);
      assertThat(uplift.observer.closed).isEmpty();
      socket.getOutputStream().write("QUIT\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.NOT_TLS);
    }
  }
}
