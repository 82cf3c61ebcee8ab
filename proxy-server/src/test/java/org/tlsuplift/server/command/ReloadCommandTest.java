package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.daemon.ReloadResult;
import org.tlsuplift.server.daemon.ReloadSocket;

class ReloadCommandTest {
  @AutoClose private final Schedule schedule = new Schedule();
  @TempDir Path directory;
  private final AtomicInteger requests = new AtomicInteger();

  @BeforeEach
  void makeDataDirectory() throws IOException {
    Files.createDirectory(directory.resolve("data"));
  }

  /** Serves the socket as a daemon does. */
  private ReloadSocket daemon(ReloadResult result) throws IOException {
    return ReloadSocket.open(
        ReloadSocket.of(directory.resolve("data")),
        () -> {
          requests.incrementAndGet();
          return result;
        },
        () -> new InetSocketAddress("127.0.0.1", 9464),
        schedule);
  }

  @Test
  void printsTheChangedKeys() throws IOException {
    String file = Configs.write(directory);
    try (ReloadSocket unused = daemon(new ReloadResult(List.of("routes"), List.of()))) {
      CommandRun run = CommandRun.of("reload", "--config", file);

      assertThat(run.exit()).as(run.toString()).isZero();
      assertThat(run.out()).contains("reloaded; changed: routes");
    }
  }

  /** Only then its metrics, pages and notifications can report it. */
  @ParameterizedTest
  @ValueSource(strings = {"colour: red", "limits: {maxSessions: 0}", "limits: ["})
  void theDaemonGetsConfigurationsWithErrorsToo(String error) throws IOException {
    String file = Configs.write(directory, error);
    try (ReloadSocket unused = daemon(new ReloadResult(List.of(), List.of("it is wrong")))) {
      CommandRun run = CommandRun.of("reload", "--config", file);

      assertThat(requests).hasValue(1);
      assertThat(run.exit()).as(run.toString()).isEqualTo(2);
      assertThat(run.err()).contains("the configuration was not reloaded", "it is wrong");
    }
  }

  @Test
  void withoutADaemonPrintsTheErrors() throws IOException {
    String file = Configs.write(directory, "colour: red");

    CommandRun run = CommandRun.of("reload", "--config", file);

    assertThat(run.exit()).as(run.toString()).isEqualTo(2);
    assertThat(run.err()).contains("colour");
  }

  @Test
  void withoutADaemonNamesTheSocket() throws IOException {
    String file = Configs.write(directory);

    CommandRun run = CommandRun.of("reload", "--config", file);

    assertThat(run.exit()).as(run.toString()).isEqualTo(1);
    assertThat(run.err()).contains("reload.sock", "no daemon responds");
  }

  @Test
  void recordsTheReloadForTheAuditLog() throws IOException {
    String file = Configs.write(directory);
    try (ReloadSocket unused = daemon(new ReloadResult(List.of("routes"), List.of()))) {
      assertThat(CommandRun.of("reload", "--config", file).exit()).isZero();
    }
    List<AuditRecord> records = new ArrayList<>();
    new AuditJournal(directory.resolve("data")).drain(records::addAll);
    assertThat(records).hasSize(1);
    assertThat(records.get(0).action()).isEqualTo("configuration.reload");
    assertThat(records.get(0).after()).isEqualTo("changed: routes");
  }
}
