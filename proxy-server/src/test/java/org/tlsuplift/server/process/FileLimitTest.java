package org.tlsuplift.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.outcome.OperatorException;

/** How many sessions the limit of open files allows. */
class FileLimitTest {
  @Test
  void allowsTheConfiguredSessionsIfThereAreEnoughFiles() throws OperatorException {
    assertThat(FileLimit.sessions(10_000, 1 << 20, 4)).isEqualTo(10_000);
    assertThat(FileLimit.sessions(10_000, 20_076, 4)).isEqualTo(10_000);
  }

  @Test
  void allowsFewerSessionsIfFilesAreShort() throws OperatorException {
    assertThat(FileLimit.sessions(10_000, 20_075, 4)).isEqualTo(9_999);
    assertThat(FileLimit.sessions(10_000, 1024, 4)).isEqualTo(474);
    assertThat(FileLimit.sessions(10_000, 78, 4)).isEqualTo(1);
  }

  @Test
  void refusesToStartWithoutAFileForASession() {
    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(() -> FileLimit.sessions(10_000, 77, 4))
        .withMessageContaining("only 77 files")
        .withMessageContaining("LimitNOFILE=20076")
        .withMessageContaining("ulimit -n 20076");
  }
}
