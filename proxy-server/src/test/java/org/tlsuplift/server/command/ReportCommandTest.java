package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.record.WrittenInventory;
import org.tlsuplift.server.inventory.record.WrittenInventory.Does;
import org.tlsuplift.server.readiness.SwitchOffReport;

/** The report is complete, for its user alone, and harmless whatever a device calls itself. */
class ReportCommandTest {
  private static final List<String> FILES =
      List.of(SwitchOffReport.PAGE, SwitchOffReport.ANSWERS, SwitchOffReport.DEVICES);

  private final Instant now = Instant.now();

  @TempDir Path folder;
  private String config = "";
  private Path reports = Path.of(".");

  @BeforeEach
  void writeInventory() throws Exception {
    config = Configs.write(folder);
    reports = folder.resolve("reports").resolve("november");
    Files.createDirectories(folder.resolve("data"));
    try (WrittenInventory seen =
        new WrittenInventory(
            folder.resolve("data").resolve("inventory.db"), VerdictRules.defaults(), now)) {
      seen.saw("10.1.2.3", ago(2), "web", Does.TLS_1_0)
          .saw("10.1.2.4", ago(2), "web", Does.MODERN)
          .sawNamed("10.1.3.5", ago(3), "web", "<script>alert(1)</script>&\"'")
          .sawNamed("10.1.3.6", ago(3), "web", "=HYPERLINK(\"http://x\",\"y\")")
          .write()
          .watched("web", ago(40), now, 3);
    }
  }

  private Instant ago(int days) {
    return now.minus(Duration.ofDays(days));
  }

  private CommandRun report(String... more) {
    return CommandRun.of(
        Stream.concat(
                Stream.of("report", "--config", config, "--output", reports.toString()),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private String content(String file) throws Exception {
    return Files.readString(reports.resolve(file));
  }

  @Test
  void writesPageAndTables() throws Exception {
    CommandRun run = report();
    assertThat(run.err()).isEmpty();
    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .contains("web", "no", "3 of 4 devices need it", "incomplete: 3 sightings")
        .contains(reports.resolve(SwitchOffReport.PAGE).toString());

    assertThat(content(SwitchOffReport.PAGE))
        .contains("10.1.2.3", "switch TLS 1.2 on", "10.1.2.0/24", "3 of 4 devices")
        .doesNotContain("10.1.2.4<")
        .endsWith("</html>\n");
    assertThat(content(SwitchOffReport.ANSWERS).lines())
        .hasSize(4)
        .anyMatch(line -> line.startsWith("listener,web,legacy,no,"))
        .anyMatch(line -> line.startsWith("subnet,10.1.2.0/24,,no,"));
    assertThat(content(SwitchOffReport.DEVICES).lines())
        .hasSize(4)
        .anyMatch(
            line ->
                line.startsWith(
                    "10.1.2.3,,10.1.2.0/24,too_old,needs upgrade: TLS 1.0 only,web,too_old,"));
  }

  @Test
  void escapesTheNamesOfDevices() throws Exception {
    report();
    assertThat(content(SwitchOffReport.PAGE))
        .contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;")
        .doesNotContain("<script");
    assertThat(content(SwitchOffReport.DEVICES))
        .contains("\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
  }

  @Test
  void thePageLoadsNoOtherFile() throws Exception {
    report();
    assertThat(content(SwitchOffReport.PAGE))
        .contains("default-src 'none'", "@media print")
        .doesNotContain("src=", "href=", "url(", "@import");
  }

  @Test
  void isForItsUserAlone() throws Exception {
    report();
    for (String file : FILES) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(reports.resolve(file))))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void replacesNothingUnlessForced() throws Exception {
    Files.createDirectories(reports);
    Files.writeString(reports.resolve(SwitchOffReport.DEVICES), "mine");
    CommandRun run = report();
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err())
        .containsOnlyOnce("\n")
        .contains(SwitchOffReport.DEVICES + " exists already", "--force");
    assertThat(content(SwitchOffReport.DEVICES)).isEqualTo("mine");
    try (Stream<Path> left = Files.list(reports)) {
      assertThat(left).hasSize(1);
    }
    assertThat(report("--force").exit()).isZero();
    assertThat(content(SwitchOffReport.DEVICES)).startsWith("address,");
    try (Stream<Path> left = Files.list(reports)) {
      assertThat(left).hasSize(3);
    }
  }

  @Test
  void isNarrowedToAListenerOrSubnet() throws Exception {
    assertThat(report("--subnet", "10.1.2.0/24", "--listener", "web").out())
        .contains("1 of 2 devices needs it");
    assertThat(content(SwitchOffReport.PAGE))
        .contains("listener web, devices in 10.1.2.0/24")
        .doesNotContain("10.1.3.");
    assertThat(content(SwitchOffReport.DEVICES)).doesNotContain("10.1.3.");
  }

  @Test
  void reportsErrorsInOptions() {
    CommandRun listener = report("--listener", "fax");
    assertThat(listener.exit()).isEqualTo(2);
    assertThat(listener.err()).contains("--listener: got 'fax'; expected web");
    CommandRun subnet = report("--subnet", "10.1.2.3/24");
    assertThat(subnet.exit()).isEqualTo(2);
    assertThat(subnet.err()).contains("--subnet: got '10.1.2.3/24'", "10.1.2.0/24");
  }

  @Test
  void reportsAMissingInventory() throws Exception {
    Files.delete(folder.resolve("data").resolve("inventory.db"));
    CommandRun run = report();
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("there is no inventory at");
  }
}
