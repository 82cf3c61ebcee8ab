package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The files that the program ships are those that it prints. */
class SchemaCommandTest {
  @Test
  void printsTheShippedSchema() throws Exception {
    CommandRun run = CommandRun.of("schema");
    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .isEqualTo(Files.readString(Path.of("..", "config", "tls-uplift.schema.json")));
  }

  @Test
  void printsThePageOfTheManual() throws Exception {
    CommandRun run = CommandRun.of("schema", "--reference");
    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .isEqualTo(Files.readString(Path.of("src", "main", "manual", "configuration.md")));
  }
}
