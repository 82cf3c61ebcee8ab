package org.tlsuplift.server.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.doctor.FindingText;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.feature.Finding.Outcome;

/** The doctor looks at the oldest message that waits. */
class SpoolCheckTest {
  private final Instant now = Instant.now();

  private final MemorySpool spool = new MemorySpool();

  private final SpoolSettings settings = new SpoolSettings(Path.of("data"), Map.of(), null, null);

  private Finding examine() {
    return new SpoolCheck(settings, () -> spool).examine(finding -> {}).findings().get(0);
  }

  @Test
  void isContentWithAnHour() {
    assertThat(examine().seen()).isEqualTo("no message waits");
    spool.add("m1", now.minus(Duration.ofMinutes(55)), "a@contoso.com", MemorySpool.BUSY);

    assertThat(examine().outcome()).isEqualTo(Outcome.OK);
    assertThat(examine().seen())
        .contains(
            "messages: 1, held: 0, bytes: 52000, the oldest since",
            "attempts: 3; last reply: smtp");
  }

  @Test
  void explainsWhyTheOldestWaitsAndNamesTheRemedy() {
    spool.add("m1", now.minus(Duration.ofMinutes(61)), "a@contoso.com", MemorySpool.BUSY);
    spool.add("m2", now, "a@contoso.com", "");

    Finding finding = examine();

    assertThat(finding.outcome()).isEqualTo(Outcome.NOTE);
    assertThat(finding.seen()).contains("Z, attempts: 3; last reply: smtp");
    assertThat(finding.remedy()).hasSize(2).last().asString().endsWith("spool retry m1");
    assertThat(FindingText.lines(CheckResult.of("waiting messages", "", List.of(finding))))
        .startsWith("waiting messages")
        .anyMatch(line -> line.contains("note     waiting"));
  }

  @Test
  void showsNoHostileIdInACommand() {
    spool.add("m1; id", now.minus(Duration.ofMinutes(61)), "a@contoso.com", MemorySpool.BUSY);
    assertThat(examine().remedy()).last().asString().endsWith("spool retry ID");
  }

  @Test
  void failsIfTheSpoolRefusesNewMail() {
    spool.close("no space left on the disk of dataDirectory: less than 32 MiB");

    assertThat(examine().outcome()).isEqualTo(Outcome.FAILED);
    assertThat(examine().failureKind()).isEqualTo(SpoolFailure.SPOOL_CLOSED);
    assertThat(examine().seen()).contains("no space left on the disk", "no message waits");
  }

  @Test
  void failsIfTheSpoolCannotBeOpenedOrRead() {
    spool.fail();
    assertThat(examine().seen()).isEqualTo("spool.db: disk I/O error");
    assertThat(examine().failureKind()).isEqualTo(SpoolFailure.SPOOL_UNREADABLE);
    Finding closed =
        new SpoolCheck(
                settings,
                () -> {
                  throw new OperatorException("spool.key: permission denied");
                })
            .examine(finding -> {})
            .findings()
            .get(0);
    assertThat(closed.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(closed.seen()).contains("spool.key");
  }
}
