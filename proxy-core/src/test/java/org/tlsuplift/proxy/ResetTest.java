package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.PlainOrigin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

/** A reset of a device's connection ends only that device's session, and ends it soon. */
class ResetTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final int DEVICES = 60;
  private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n";

  private static Stream<Transport> transports() {
    return Stream.of(Transport.values()).filter(Transport::isAvailable);
  }

  private static Uplift uplift(Transport transport) {
    Uplift.Settings settings = new Uplift.Settings();
    settings.transport = transport;
    settings.routes = List.of(Uplift.route(Action.FORWARD, WhenModern.TUNNEL, "localhost:*"));
    return new Uplift(settings, OWN, ORIGINS);
  }

  private static PlainOrigin endless() {
    byte[] block = new byte[1 << 16];
    return new PlainOrigin(
        device -> {
          PlainOrigin.say(device, HEAD);
          while (!Thread.currentThread().isInterrupted()) {
            device.getOutputStream().write(block);
          }
        });
  }

  /** Requests a download and reads its first bytes. */
  private static Socket download(Uplift uplift, PlainOrigin origin) throws IOException {
    Socket device = new Socket();
    device.setReceiveBufferSize(8192);
    device.connect(uplift.web());
    device.setSoTimeout(60_000);
    device
        .getOutputStream()
        .write(
            ("GET http://" + origin.as("localhost") + "/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    assertThat(device.getInputStream().readNBytes(8)).startsWith('H');
    return device;
  }

  private static void reset(Socket device) throws IOException {
    device.setSoLinger(true, 0);
    device.close();
  }

  @ParameterizedTest
  @MethodSource("transports")
  void aResetDuringADownloadEndsTheSessionAtOnceAsAReset(Transport transport) throws Exception {
    try (PlainOrigin origin = endless();
        Uplift uplift = uplift(transport)) {
      List<Socket> devices = new ArrayList<>();
      for (int device = 0; device < DEVICES; device++) {
        devices.add(download(uplift, origin));
      }
      for (Socket device : devices) {
        reset(device);
      }
      await().untilAsserted(() -> assertThat(uplift.observer.closed).hasSize(DEVICES));
      assertThat(uplift.observer.closed)
          .extracting(SessionSummary::reason)
          .containsOnly(CloseReason.DEVICE_RESET);
    }
  }

  /**
   * An origin that reads slowly, so that the device's bytes wait in the kernel when the reset
   * comes.
   */
  private static PlainOrigin slowReader() {
    return new PlainOrigin(
        device -> {
          PlainOrigin.say(device, HEAD);
          byte[] some = new byte[512];
          while (device.getInputStream().read(some) >= 0) {
            device.getOutputStream().write(some, 0, 1);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("transports")
  void aResetDuringAnUploadEndsTheSessionAtOnceAsAReset(Transport transport) throws Exception {
    byte[] block = new byte[1 << 14];
    try (PlainOrigin origin = slowReader();
        Uplift uplift = uplift(transport)) {
      List<Socket> devices = new ArrayList<>();
      for (int device = 0; device < DEVICES; device++) {
        devices.add(download(uplift, origin));
      }
      for (Socket device : devices) {
        device.getOutputStream().write(block);
        reset(device);
      }
      await().untilAsserted(() -> assertThat(uplift.observer.closed).hasSize(DEVICES));
      assertThat(uplift.observer.closed)
          .extracting(SessionSummary::reason)
          .containsOnly(CloseReason.DEVICE_RESET);
    }
  }

  @ParameterizedTest
  @MethodSource("transports")
  void resetsEndNoSessionOfAnotherDevice(Transport transport) throws Exception {
    try (PlainOrigin origin = endless();
        PlainOrigin good =
            new PlainOrigin(
                device ->
                    PlainOrigin.say(device, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"));
        Uplift uplift = uplift(transport)) {
      for (int round = 0; round < 5; round++) {
        List<Socket> doomed = new ArrayList<>();
        for (int device = 0; device < DEVICES / 5; device++) {
          doomed.add(download(uplift, origin));
        }
        List<Socket> devices = new ArrayList<>();
        for (Socket device : doomed) {
          reset(device);
          devices.add(download(uplift, good));
        }
        for (Socket device : devices) {
          assertThat(new String(device.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
              .endsWith("\r\n\r\ngood");
          device.close();
        }
      }
    }
  }
}
