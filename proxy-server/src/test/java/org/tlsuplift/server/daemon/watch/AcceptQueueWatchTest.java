package org.tlsuplift.server.daemon.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.background.Schedule;

class AcceptQueueWatchTest {
  private static final int CONNECTIONS = 8;

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final AtomicLong nanos = new AtomicLong();
  @TempDir private Path directory;
  private Path netstat;

  @BeforeEach
  void write() throws Exception {
    netstat = directory.resolve("netstat");
    write(7);
    log.start();
    logger().addAppender(log);
  }

  @AfterEach
  void end() {
    logger().detachAppender(log);
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(AcceptQueueWatch.class);
  }

  private List<String> lines() {
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private void write(long overflows) throws Exception {
    Files.writeString(
        netstat,
        """
        TcpExt: SyncookiesSent ListenOverflows ListenDrops
        TcpExt: 1 %s 9
        IpExt: InNoRoutes ListenOverflows
        IpExt: 0 5
        """
            .formatted(overflows));
  }

  private AcceptQueueWatch watch() {
    return new AcceptQueueWatch(netstat, nanos::get);
  }

  @Test
  void countsFromItsStart() throws Exception {
    AcceptQueueWatch watch = watch();
    watch.look();
    assertThat(watch.isAvailable()).isTrue();
    assertThat(watch.overflows()).isZero();
    write(10);
    watch.look();
    assertThat(watch.overflows()).isEqualTo(3);
  }

  @Test
  void logsTheRemedyOnceAMinute() throws Exception {
    AcceptQueueWatch watch = watch();
    watch.look();
    assertThat(lines()).isEmpty();
    write(10);
    watch.look();
    assertThat(lines())
        .singleElement()
        .asString()
        .startsWith("the accept queue of a port is full: raise net.core.somaxconn (")
        .endsWith("; dropped attempts: 3 (those of other programs count too)");

    write(11);
    nanos.addAndGet(Duration.ofSeconds(59).toNanos());
    watch.look();
    assertThat(lines()).hasSize(1);
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    watch.look();
    assertThat(lines()).hasSize(2);
    assertThat(lines().get(1))
        .endsWith("; dropped attempts: 1 (those of other programs count too)");

    nanos.addAndGet(Duration.ofMinutes(5).toNanos());
    watch.look();
    assertThat(lines()).as("no more").hasSize(2);
  }

  @Test
  void keepsItsCountIfTheFileCannotBeRead() throws Exception {
    AcceptQueueWatch watch = watch();
    write(10);
    watch.look();
    Files.delete(netstat);
    watch.look();
    assertThat(watch.overflows()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "TcpExt: ListenOverflows\n",
        "TcpExt: SyncookiesSent\nTcpExt: 1\n",
        "TcpExt: SyncookiesSent ListenOverflows\nTcpExt: 1\n",
        "TcpExt: ListenOverflows\nTcpExt: many\n"
      })
  void doesNothingWithoutTheCounter(String content) throws Exception {
    Files.writeString(netstat, content);
    AcceptQueueWatch watch = watch();
    assertThat(watch.isAvailable()).isFalse();
    try (Schedule schedule = new Schedule()) {
      watch.start(schedule);
    }
    watch.look();
    assertThat(watch.overflows()).isZero();
    assertThat(lines()).isEmpty();
  }

  /** Other programs of this machine may add to the counter. */
  @Test
  void seesAFullQueueOfTheKernel() throws Exception {
    List<SocketChannel> devices = new ArrayList<>();
    AcceptQueueWatch watch = new AcceptQueueWatch();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      assumeTrue(watch.isAvailable(), "the system has no counter");
      for (int i = 0; i < CONNECTIONS; i++) {
        SocketChannel device = SocketChannel.open();
        devices.add(device);
        device.configureBlocking(false);
        device.connect(full.getLocalSocketAddress());
      }
      await()
          .untilAsserted(
              () -> {
                watch.look();
                assertThat(watch.overflows()).isPositive();
              });
      String limit = String.join("", Files.readAllLines(Path.of("/proc/sys/net/core/somaxconn")));
      assertThat(lines()).singleElement().asString().contains("somaxconn (" + limit + ")");
    } finally {
      for (SocketChannel device : devices) {
        device.close();
      }
    }
  }
}
