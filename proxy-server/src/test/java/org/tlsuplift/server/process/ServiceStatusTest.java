package org.tlsuplift.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** With a watchdog of 20 s, as set by WatchdogSec=. */
@EnabledOnOs(OS.LINUX)
class ServiceStatusTest {
  @TempDir Path directory;
  private Reports reports;
  private ServiceNotifier notifier;
  private ServiceStatus status;
  private int sessions;
  private long now;

  @BeforeEach
  void start() throws Exception {
    reports = new Reports(directory.resolve("notify").toString());
    notifier = reports.notifier(Map.of("WATCHDOG_USEC", "20000000"));
    status = new ServiceStatus(notifier, () -> 6, () -> sessions, () -> now);
    status.loopsChecked(0);
    status.ready();
    assertThat(reports.next())
        .as("nothing comes before it")
        .containsExactly("READY=1", "STATUS=ready: 6 listening ports, 0 sessions");
    assertThat(reports.next()).containsExactly("WATCHDOG=1");
  }

  @AfterEach
  void end() {
    notifier.close();
    reports.close();
  }

  @Test
  void isAliveFourTimesInTheIntervalWhileEveryLoopResponds() throws Exception {
    pass(4);
    status.loopsChecked(0);
    pass(1);
    status.loopsChecked(0);
    status.loopsChecked(0);
    assertThat(reports.next()).containsExactly("WATCHDOG=1");
    marked();
  }

  @Test
  void isNotAliveWhileALoopIsBlocked() throws Exception {
    pass(30);
    status.loopsChecked(1);
    assertThat(reports.next())
        .containsExactly(
            "STATUS=ready: 6 listening ports, 0 sessions; 1 event loop not responding, see the log");
    pass(30);
    status.loopsChecked(1);
    marked();

    status.loopsChecked(0);
    assertThat(reports.next()).containsExactly("WATCHDOG=1");
  }

  @Test
  void countsSessionsEveryFewSeconds() throws Exception {
    sessions = 1;
    pass(4);
    status.loopsChecked(0);
    pass(1);
    status.loopsChecked(0);
    assertThat(reports.next()).containsExactly("WATCHDOG=1");
    assertThat(reports.next()).containsExactly("STATUS=ready: 6 listening ports, 1 session");
    marked();
  }

  @Test
  void extendsTheStopTimeoutForDraining() throws Exception {
    sessions = 12;
    status.stopping(Duration.ofSeconds(30));
    status.stopping(Duration.ofSeconds(30));
    assertThat(reports.next())
        .containsExactly(
            "STOPPING=1", "STATUS=draining, 12 sessions", "EXTEND_TIMEOUT_USEC=45000000");
    marked();
  }

  private void pass(int seconds) {
    now += Duration.ofSeconds(seconds).toNanos();
  }

  /** Nothing else was reported before this. */
  private void marked() throws Exception {
    notifier.status("mark");
    assertThat(reports.next()).containsExactly("STATUS=mark");
  }
}
