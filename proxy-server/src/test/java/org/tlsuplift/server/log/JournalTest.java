package org.tlsuplift.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether the journal reads a stream. */
class JournalTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @Test
  void theVariableNamesTheDeviceAndTheInodeOfTheStream() throws Exception {
    Path output = Files.createFile(directory.resolve("output"));
    Path other = Files.createFile(directory.resolve("other"));
    String stream =
        Files.getAttribute(output, "unix:dev") + ":" + Files.getAttribute(output, "unix:ino");
    assertThat(Journal.reads(output, stream)).isTrue();
    assertThat(Journal.reads(other, stream)).isFalse();
    assertThat(Journal.reads(output, null)).isFalse();
    assertThat(Journal.reads(directory.resolve("none"), stream)).isFalse();
  }
}
