package org.tlsuplift.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class ServiceNotifierTest {
  @TempDir Path directory;

  @Test
  void reportsTheStatesOfAService() throws Exception {
    try (Reports reports = new Reports(directory.resolve("notify").toString());
        ServiceNotifier notifier = reports.notifier(Map.of())) {
      assertThat(notifier.isUsed()).isTrue();
      notifier.ready("6 ports");
      notifier.status("7 sessions");
      notifier.alive();
      notifier.stopping("draining", Duration.ofSeconds(45));

      assertThat(reports.next()).containsExactly("READY=1", "STATUS=6 ports");
      assertThat(reports.next()).containsExactly("STATUS=7 sessions");
      assertThat(reports.next()).containsExactly("WATCHDOG=1");
      assertThat(reports.next())
          .containsExactly("STOPPING=1", "STATUS=draining", "EXTEND_TIMEOUT_USEC=45000000");
    }
  }

  @Test
  void reachesASocketInTheAbstractNamespace() throws Exception {
    String name = "@tls-uplift-test-" + ProcessHandle.current().pid();
    try (Reports reports = new Reports(name);
        ServiceNotifier notifier = reports.notifier(Map.of())) {
      notifier.status("here");
      assertThat(reports.next()).containsExactly("STATUS=here");
    }
  }

  @Test
  void sendsWaitingMessagesBeforeItEnds() throws Exception {
    try (Reports reports = new Reports(directory.resolve("notify").toString())) {
      ServiceNotifier notifier = reports.notifier(Map.of());
      notifier.status("last");
      notifier.close();
      assertThat(reports.next()).containsExactly("STATUS=last");
    }
  }

  @Test
  void readsTheIntervalOfTheWatchdogForThisProcessOnly() {
    try (Reports reports = new Reports(directory.resolve("notify").toString())) {
      assertThat(interval(reports, Map.of())).isNull();
      assertThat(interval(reports, Map.of("WATCHDOG_USEC", "30000000")))
          .isEqualTo(Duration.ofSeconds(30));
      assertThat(interval(reports, Map.of("WATCHDOG_USEC", "5000000", "WATCHDOG_PID", "4711")))
          .isEqualTo(Duration.ofSeconds(5));
      assertThat(interval(reports, Map.of("WATCHDOG_USEC", "5000000", "WATCHDOG_PID", "1")))
          .isNull();
      assertThat(interval(reports, Map.of("WATCHDOG_USEC", "soon"))).isNull();
    }
  }

  @Test
  void doesNothingWithoutAReader() {
    for (Map<String, String> environment :
        java.util.List.of(
            Map.<String, String>of(),
            Map.of("NOTIFY_SOCKET", ""),
            Map.of("NOTIFY_SOCKET", "vsock:2:1"),
            Map.of("NOTIFY_SOCKET", directory.resolve("missing").toString()))) {
      try (ServiceNotifier notifier = ServiceNotifier.of(environment, 1)) {
        assertThat(notifier.isUsed()).isFalse();
        assertThat(notifier.watchdog()).isEmpty();
        notifier.ready("unread");
      }
    }
  }

  @Test
  void survivesAReaderThatEnds() throws Exception {
    Reports reports = new Reports(directory.resolve("notify").toString());
    try (ServiceNotifier notifier = reports.notifier(Map.of())) {
      reports.close();
      notifier.status("unread");
      notifier.alive();
    }
  }

  private static Duration interval(Reports reports, Map<String, String> environment) {
    try (ServiceNotifier notifier = reports.notifier(environment)) {
      return notifier.watchdog().orElse(null);
    }
  }
}
