package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

class SlowReaderTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final int DEVICES = 12;
  private static final long PER_SESSION = 128 << 10;

  private static Stream<Transport> transports() {
    return Stream.of(Transport.values()).filter(Transport::isAvailable);
  }

  @ParameterizedTest
  @MethodSource("transports")
  void aSessionHoldsAtMost128KibForASlowDevice(Transport transport) throws Exception {
    Uplift.Settings settings = new Uplift.Settings();
    settings.transport = transport;
    byte[] block = new byte[1 << 16];
    AtomicLong sent = new AtomicLong();
    long before = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
    try (Origin origin =
            Origin.start(
                ORIGINS.serving("localhost"),
                socket -> {
                  while (!Thread.currentThread().isInterrupted()) {
                    socket.getOutputStream().write(block);
                    sent.addAndGet(block.length);
                  }
                },
                "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      List<SSLSocket> devices = new ArrayList<>();
      for (int device = 0; device < DEVICES; device++) {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(8192);
        socket.connect(uplift.web());
        socket.setSoTimeout(60_000);
        Device.connect(socket, origin.as("localhost"));
        devices.add(Device.handshake(socket, "localhost", OWN.trusting(), "TLSv1"));
      }
      for (SSLSocket device : devices) {
        assertThat(device.getInputStream().readNBytes(1000)).hasSize(1000);
      }
      AtomicLong last = new AtomicLong(-1);
      await()
          .pollInterval(Duration.ofMillis(500))
          .until(() -> last.getAndSet(sent.get()) == sent.get());
      assertThat(PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() - before)
          .isLessThanOrEqualTo(DEVICES * PER_SESSION);
    }
  }
}
