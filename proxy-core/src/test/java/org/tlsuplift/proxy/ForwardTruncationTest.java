package org.tlsuplift.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.tlsuplift.proxy.testing.PlainOrigin.say;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Payload;
import org.tlsuplift.proxy.testing.PlainOrigin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

/**
 * A plain HTTP response that is cut ends with a reset, so that a device that reads until the close
 * does not take a part for all of it. A complete response ends with a FIN.
 */
@Timeout(60)
class ForwardTruncationTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final String UNTIL_CLOSE = "HTTP/1.1 200 OK\r\n\r\nhalf of";
  private static final String LENGTH = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf of";
  private static final String CHUNKS =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nhalf of\r\n";

  /** More than the kernel keeps for the device. */
  private static final int SLOW_BYTES = 10_000_000;

  private static Stream<Transport> transports() {
    return Arrays.stream(Transport.values()).filter(Transport::isAvailable);
  }

  private static Stream<Arguments> with(String... responses) {
    return transports()
        .flatMap(
            transport -> Stream.of(responses).map(response -> Arguments.of(transport, response)));
  }

  private static Stream<Arguments> incomplete() {
    return with(UNTIL_CLOSE, LENGTH, CHUNKS);
  }

  private static Stream<Arguments> incompleteByTheirFraming() {
    return with(LENGTH, CHUNKS);
  }

  private static Stream<Arguments> completeByTheirFraming() {
    return with(
        "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nhalf of",
        CHUNKS + "0\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n");
  }

  private static Uplift.Settings settings(Transport transport, Duration idleTimeout) {
    Uplift.Settings settings = new Uplift.Settings();
    settings.transport = transport;
    settings.routes = List.of(Uplift.route(Action.FORWARD, WhenModern.TUNNEL, "localhost:*"));
    settings.limits =
        Uplift.limits(10, 10, Duration.ofSeconds(5), Duration.ofSeconds(5), idleTimeout);
    return settings;
  }

  private static Uplift uplift(Transport transport, Duration idleTimeout) {
    return new Uplift(settings(transport, idleTimeout), OWN, OWN);
  }

  /** Sends a response, and stays open until the proxy closes the connection. */
  private static PlainOrigin open(String response) {
    return new PlainOrigin(
        socket -> {
          say(socket, response);
          assertThat(socket.getInputStream().read()).isEqualTo(-1);
        });
  }

  private static PlainOrigin closing(String response) {
    return new PlainOrigin(socket -> say(socket, response));
  }

  /** Sends a response, and resets the connection as soon as the device has read it. */
  private static PlainOrigin resetting(String response, CountDownLatch read) {
    return new PlainOrigin(
        socket -> {
          say(socket, response);
          read.await();
          socket.setSoLinger(true, 0);
          socket.close();
        });
  }

  private static Socket device(Uplift uplift, PlainOrigin origin) throws IOException {
    Socket device = Device.open(uplift.web());
    String target = origin.as("localhost").toString();
    say(device, "GET http://" + target + "/a.crl HTTP/1.1\r\nHost: " + target + "\r\n\r\n");
    return device;
  }

  /** Reads the head and what the origin sent after it. */
  private static InputStream read(Socket device, String response) throws IOException {
    InputStream in = device.getInputStream();
    PlainOrigin.readHead(in);
    String body = response.substring(response.indexOf("\r\n\r\n") + 4);
    assertThat(in.readNBytes(body.length())).asString(ISO_8859_1).isEqualTo(body);
    return in;
  }

  private static void assertCut(Socket device, String response) throws IOException {
    InputStream in = read(device, response);
    assertThatThrownBy(in::read).isInstanceOf(SocketException.class);
  }

  private static void assertComplete(Socket device, String response) throws IOException {
    assertThat(read(device, response).read()).isEqualTo(-1);
  }

  @ParameterizedTest
  @MethodSource("completeByTheirFraming")
  void closesAfterACompleteResponseEvenIfTheOriginStaysConnected(
      Transport transport, String response) throws Exception {
    try (PlainOrigin origin = open(response);
        Uplift uplift = uplift(transport, Duration.ofMinutes(10));
        Socket device = device(uplift, origin)) {
      assertComplete(device, response);
    }
  }

  @ParameterizedTest
  @MethodSource("incomplete")
  void idleTimeoutCuts(Transport transport, String response) throws Exception {
    try (PlainOrigin origin = open(response);
        Uplift uplift = uplift(transport, Duration.ofMillis(300));
        Socket device = device(uplift, origin)) {
      assertCut(device, response);
    }
  }

  @ParameterizedTest
  @MethodSource("completeByTheirFraming")
  void idleTimeoutLeavesACompleteResponse(Transport transport, String response) throws Exception {
    try (PlainOrigin origin = open(response);
        Uplift uplift = uplift(transport, Duration.ofMillis(300));
        Socket device = device(uplift, origin)) {
      assertComplete(device, response);
    }
  }

  @ParameterizedTest
  @MethodSource("transports")
  void endOfTheDaemonCuts(Transport transport) throws Exception {
    try (PlainOrigin origin = open(UNTIL_CLOSE);
        Uplift uplift = uplift(transport, Duration.ofMinutes(1));
        Socket device = device(uplift, origin)) {
      InputStream in = read(device, UNTIL_CLOSE);
      uplift.close();
      assertThatThrownBy(in::read).isInstanceOf(SocketException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("transports")
  void endOfTheDevicesPermissionCuts(Transport transport) throws Exception {
    Uplift.Settings settings = settings(transport, Duration.ofMinutes(1));
    try (PlainOrigin origin = open(UNTIL_CLOSE);
        Uplift uplift = new Uplift(settings, OWN, OWN);
        Socket device = device(uplift, origin)) {
      InputStream in = read(device, UNTIL_CLOSE);
      settings.allow = List.of(Cidr.parse("192.0.2.0/24"));
      var unused = uplift.proxy().apply(uplift.spec(settings, OWN, OWN));
      assertThatThrownBy(in::read).isInstanceOf(SocketException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("incomplete")
  void aResetOfTheOriginCuts(Transport transport, String response) throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    try (PlainOrigin origin = resetting(response, read);
        Uplift uplift = uplift(transport, Duration.ofMinutes(1));
        Socket device = device(uplift, origin)) {
      InputStream in = read(device, response);
      read.countDown();
      assertThatThrownBy(in::read).isInstanceOf(SocketException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("completeByTheirFraming")
  void aResetOfTheOriginLeavesACompleteResponse(Transport transport, String response)
      throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    try (PlainOrigin origin = resetting(response, read);
        Uplift uplift = uplift(transport, Duration.ofMinutes(1));
        Socket device = device(uplift, origin)) {
      InputStream in = read(device, response);
      read.countDown();
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @MethodSource("incompleteByTheirFraming")
  void anEarlyEndOfTheOriginCuts(Transport transport, String response) throws Exception {
    try (PlainOrigin origin = closing(response);
        Uplift uplift = uplift(transport, Duration.ofMinutes(1));
        Socket device = device(uplift, origin)) {
      assertCut(device, response);
    }
  }

  @ParameterizedTest
  @MethodSource("transports")
  void theEndOfTheOriginCompletesAResponseWithoutLength(Transport transport) throws Exception {
    try (PlainOrigin origin = closing(UNTIL_CLOSE);
        Uplift uplift = uplift(transport, Duration.ofMinutes(1));
        Socket device = device(uplift, origin)) {
      assertComplete(device, UNTIL_CLOSE);
    }
  }

  /** The origin has sent all, and the device does not read. */
  @ParameterizedTest
  @MethodSource("transports")
  void idleTimeoutCutsAResponseThatTheDeviceDoesNotRead(Transport transport) throws Exception {
    String large = "x".repeat(32 << 20);
    String response = "HTTP/1.1 200 OK\r\nContent-Length: " + large.length() + "\r\n\r\n";
    try (PlainOrigin origin =
            new PlainOrigin(
                socket -> {
                  say(socket, response);
                  say(socket, large);
                });
        Uplift uplift = uplift(transport, Duration.ofMillis(300));
        Socket device = device(uplift, origin)) {
      PlainOrigin.readHead(device.getInputStream());
      await().until(() -> !uplift.observer.closed.isEmpty());
      assertThatThrownBy(() -> device.getInputStream().readAllBytes())
          .isInstanceOf(SocketException.class);
    }
  }

  /** A part of it still waits for the device when the origin has sent all. */
  @ParameterizedTest
  @MethodSource("transports")
  void aSlowDeviceGetsAllOfACompleteResponse(Transport transport) throws Exception {
    try (PlainOrigin origin =
            new PlainOrigin(
                socket -> {
                  say(socket, "HTTP/1.0 200 OK\r\n\r\n");
                  new Payload(7, SLOW_BYTES).write(socket.getOutputStream());
                });
        Uplift uplift = uplift(transport, Duration.ofMinutes(1));
        Socket device = new Socket()) {
      device.setReceiveBufferSize(4096);
      device.connect(uplift.web());
      say(device, "GET http://" + origin.as("localhost") + "/ HTTP/1.0\r\n\r\n");
      PlainOrigin.readHead(device.getInputStream());

      new Payload(7, SLOW_BYTES).read(device.getInputStream());

      assertThat(device.getInputStream().read()).isEqualTo(-1);
    }
  }
}
