package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.daemon.watch.EventLoopWatch;

/** A started daemon whose event loop is held by a blocking call: here, by a log that blocks. */
@Timeout(300)
class BlockedEventLoopTest {
  @TempDir Path directory;

  private final CountDownLatch release = new CountDownLatch(1);
  private final List<ILoggingEvent> reports = new CopyOnWriteArrayList<>();
  private final Blocking sessions = new Blocking();
  private final Recording watch = new Recording();

  /** Holds the thread that logs. */
  private final class Blocking extends UnsynchronizedAppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      try {
        release.await();
      } catch (InterruptedException ended) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private final class Recording extends UnsynchronizedAppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      reports.add(event);
    }
  }

  private static Logger sessionLog() {
    return (Logger) LoggerFactory.getLogger("org.tlsuplift.session");
  }

  private static Logger watchLog() {
    return (Logger) LoggerFactory.getLogger(EventLoopWatch.class);
  }

  @BeforeEach
  void listen() {
    sessions.start();
    watch.start();
    sessionLog().addAppender(sessions);
    watchLog().addAppender(watch);
  }

  @AfterEach
  void end() {
    release.countDown();
    sessionLog().detachAppender(sessions);
    watchLog().detachAppender(watch);
  }

  @Test
  void isReportedByHealthMetricAndLogUntilItEnds() throws Exception {
    try (Components daemon =
            Components.start(
                ConfigLoader.parse(
                    """
                    dataDirectory: '%s'
                    listeners:
                      - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
                    certificateAuthority: {keyAlgorithm: EC-P256}
                    admin: {bind: "127.0.0.1:0"}
                    limits: {drainTimeout: 0s}
                    """
                        .formatted(directory),
                    "test"),
                line -> {});
        Socket device = Device.open(daemon.listeners().get(0).address())) {
      assertThat(AdminPage.read(daemon.adminAddress(), "/healthz").status()).isEqualTo(200);
      // No route allows it: the refusal is logged on the session's event loop.
      device
          .getOutputStream()
          .write(
              "CONNECT refused.example:443 HTTP/1.1\r\nHost: refused.example:443\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));

      await()
          .ignoreExceptions()
          .until(() -> AdminPage.read(daemon.adminAddress(), "/healthz").status() == 503);
      assertThat(AdminPage.read(daemon.adminAddress(), "/healthz").body()).contains("event loop");
      assertThat(AdminPage.read(daemon.adminAddress(), "/metrics").body())
          .containsPattern("(?m)^tlsuplift_event_loops_blocked [1-9]");
      assertThat(reports)
          .anySatisfy(
              report -> {
                assertThat(report.getLevel()).isEqualTo(Level.ERROR);
                assertThat(report.getThrowableProxy().getStackTraceElementProxyArray())
                    .anyMatch(frame -> frame.getSTEAsString().contains(Blocking.class.getName()));
              });

      release.countDown();
      await()
          .ignoreExceptions()
          .until(() -> AdminPage.read(daemon.adminAddress(), "/healthz").status() == 200);
      assertThat(reports).anyMatch(report -> report.getFormattedMessage().contains("works again"));
    } finally {
      release.countDown();
    }
  }
}
