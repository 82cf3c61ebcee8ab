package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.channels.NotYetConnectedException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocket;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedClass;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

/** An orderly end is no failure: it costs no exception with a stack trace. */
@Timeout(300)
@OneJdk
class OrderlyEndTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final int SESSIONS = 10;

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "IO_URING"})
  void createsNoExceptionIfTheOriginEndsTheSession(Transport transport) throws Exception {
    Origin.Script script =
        socket -> {
          assertThat(Device.readLine(socket.getInputStream())).isEqualTo("get");
          socket.getOutputStream().write("answer\n".getBytes(StandardCharsets.US_ASCII));
          socket.shutdownOutput();
          // An origin that closed at once would reset the connection when the proxy replies.
          assertThat(socket.getInputStream().read()).isNegative();
        };
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), script, "TLSv1.2")) {
      Uplift.Settings settings = new Uplift.Settings();
      settings.transport = transport;
      settings.fixed = List.of(origin.as("localhost"));
      settings.routes = List.of(Uplift.route(Action.BRIDGE, WhenModern.BRIDGE, "localhost:*"));
      try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
          Recording recording = new Recording()) {
        recording.enable("jdk.JavaExceptionThrow").withoutThreshold();
        recording.start();
        for (int session = 0; session < SESSIONS; session++) {
          try (SSLSocket device =
              Device.handshake(Device.open(uplift.fixed()), "localhost", OWN.trusting(), "TLSv1")) {
            assertThat(Device.exchange(device, "get")).isEqualTo("answer");
            assertThat(device.getInputStream().read()).isNegative();
          }
        }
        await().until(() -> uplift.observer.closed.size() == SESSIONS);
        recording.stop();

        assertThat(uplift.observer.closed)
            .extracting(SessionSummary::reason)
            .containsOnly(CloseReason.ORIGIN_CLOSED);
        assertThat(exceptions(recording))
            .doesNotContain(
                "io.netty.channel.socket.ChannelOutputShutdownException",
                NotYetConnectedException.class.getName());
      }
    }
  }

  private List<String> exceptions(Recording recording) throws Exception {
    Path file = directory.resolve("exceptions.jfr");
    recording.dump(file);
    List<String> all = new ArrayList<>();
    for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
      RecordedClass thrown = event.getClass("thrownClass");
      all.add(thrown.getName());
    }
    return all;
  }
}
