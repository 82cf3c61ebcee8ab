package org.tlsuplift.server.it.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(OS.WINDOWS)
class ChildTest {
  private static final String MISSING = "no-such-program is missing: install";

  /** Skipped, or failed where peers are required. */
  @Test
  void aProgramThatIsCalledByItsNameIsRequired() {
    assertThatThrownBy(() -> Run.of(List.of("no-such-program", "--help")))
        .hasMessageContaining(MISSING);
    Namespace machine = new Namespace("none");
    assertThatThrownBy(() -> machine.run("no-such-program")).hasMessageContaining(MISSING);
  }

  @Test
  void aProgramThatIsCalledByItsNameRuns() {
    assertThat(Run.of(List.of("sh", "-c", "echo \"$0\"", "word")).succeeded().output())
        .isEqualTo("word\n");
  }
}
