package org.tlsuplift.server.it.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Expectation;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;
import org.tlsuplift.server.testing.AtOnce;

/** Devices that fall silent, go away or send what is no TLS: each is told apart. */
class BrokenDevicesIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int DECODE_ERROR = 50;

  private static JsseOrigin origin;
  private static Daemon daemon;
  private static Companion companion;
  private static Silence inHandshake;
  private static Silence fromStart;
  private static Silence afterConnect;
  private static Silence inConnect;

  /**
   * A device that is silent since the class began, at a listener of its own: all of them wait for
   * their timeout at the same time.
   */
  private record Silence(Expectation expected, CompletableFuture<byte[]> received) {
    static Silence of(Expectation expected, Callable<RawDevice> begin) {
      return new Silence(
          expected,
          AtOnce.supply(
              () -> {
                try (RawDevice device = begin.call()) {
                  return device.readAll();
                } catch (Exception broken) {
                  throw new AssertionError(broken);
                }
              }));
    }
  }

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    origin = JsseOrigin.start(lab, ca.issue("localhost"), Conversations::echo);
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: fixed, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: legacy}
              - {name: hello, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: legacy}
              - {name: start, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: legacy}
              - {name: after, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
              - {name: half, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            routes:
              - {to: ["localhost:1024-65535"], action: bridge}
            upstream: {trust: "%2$s"}
            limits: {negotiationTimeout: 2500ms, handshakeTimeout: 2500ms}
            """
                .formatted(origin.byName(), ca.file()));
    companion = Companion.open(lab, Way.fixed(daemon, "fixed", origin.byName()));
    beSilent();
  }

  private static void beSilent() {
    inHandshake =
        Silence.of(
            expect("hello", "TLSv1", "timeout", "device_handshake_failed"),
            () -> sending("hello", RawDevice.hello()));
    fromStart =
        Silence.of(
            expect("start", "none", "timeout", "negotiation_timeout"), () -> sending("start"));
    afterConnect =
        Silence.of(
            expect("after", "none", "timeout", "negotiation_timeout"),
            () -> RawDevice.through(daemon.listener("after"), origin.byName()));
    inConnect =
        Silence.of(
            expect("half", "none", "timeout", "negotiation_timeout"),
            () -> sending("half", "CONNECT localhost".getBytes(StandardCharsets.US_ASCII)));
  }

  private static RawDevice sending(String listener, byte... bytes) throws IOException {
    RawDevice device = RawDevice.to(daemon.listener(listener));
    device.send(bytes);
    return device;
  }

  @AfterEach
  void anotherSessionIsUndisturbed() {
    companion.assertAlive();
  }

  @Test
  void closesDuringTheHandshake() throws IOException {
    Expectation expected = expect("fixed", "TLSv1", "closed", "device_handshake_failed");
    try (RawDevice device = RawDevice.to(daemon.listener("fixed"))) {
      device.send(RawDevice.hello());
      assertThat(device.readOne()).as("a handshake record").isEqualTo(0x16);
    }
    expected.met();
  }

  @Test
  void isSilentDuringTheHandshake() {
    assertThat(inHandshake.received.join()).isNotEmpty();
    assertThat(inHandshake.expected.met()).contains("limits.handshakeTimeout");
  }

  @Test
  void isSilentFromTheStart() {
    assertThat(fromStart.received.join()).isEmpty();
    fromStart.expected.met();
  }

  @Test
  void isSilentAfterConnect() {
    assertThat(afterConnect.received.join()).isEmpty();
    afterConnect.expected.met();
  }

  @Test
  void sendsNoRequestBeforeTheTimeout() {
    assertThat(inConnect.received.join()).isEmpty();
    String listener = inConnect.expected.listener();
    daemon.awaitIncrease(
        inConnect.expected.before(),
        1,
        "tlsuplift_sessions_total",
        "listener",
        listener,
        "reason",
        "negotiation_timeout");
    daemon.awaitSessionLine(
        inConnect.expected.mark(), "listener", listener, "reason", "negotiation_timeout");
  }

  @Test
  void sendsGarbage() throws IOException {
    Expectation expected = expect("fixed", "none", "not_tls", "not_tls");
    try (RawDevice device = RawDevice.to(daemon.listener("fixed"))) {
      device.send(new byte[] {(byte) 0x99, 1, 2, 3, 4, 5, 6, 7, 8, 9});
      assertThat(device.readAll()).isEmpty();
    }
    expected.met();
  }

  @Test
  void speaksPlainHttpToATlsPort() throws IOException {
    Expectation expected = expect("fixed", "none", "not_tls", "not_tls");
    try (RawDevice device = RawDevice.to(daemon.listener("fixed"))) {
      device.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(device.readAll()).isEmpty();
    }
    assertThat(expected.met()).contains("plain HTTP request");
  }

  @Test
  void sendsAMalformedHello() throws IOException {
    Expectation expected = expect("fixed", "none", "protocol_error", "malformed_hello");
    try (RawDevice device = RawDevice.to(daemon.listener("fixed"))) {
      device.send(HexFormat.of().parseHex("1603010008" + "01000004" + "03010000"));
      assertThat(RawDevice.alertIn(device.readAll())).isEqualTo(DECODE_ERROR);
    }
    expected.met();
  }

  private static Expectation expect(
      String listener, String protocol, String outcome, String reason) {
    return Expectation.of(daemon, listener, protocol, outcome, reason);
  }
}
