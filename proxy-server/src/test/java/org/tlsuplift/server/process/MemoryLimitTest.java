package org.tlsuplift.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many sessions the memory allows. */
class MemoryLimitTest {
  private static final long MIB = 1 << 20;

  @Test
  void allowsTheConfiguredSessionsIfThereIsEnoughMemory() {
    assertThat(MemoryLimit.sessions(10_000, 1024 * MIB)).isEqualTo(10_000);
    assertThat(MemoryLimit.sessions(500, 160 * MIB)).isEqualTo(500);
  }

  @Test
  void allowsFewerSessionsIfMemoryIsShort() {
    assertThat(MemoryLimit.sessions(10_000, 160 * MIB)).isEqualTo(682);
    assertThat(MemoryLimit.sessions(10_000, 256 * MIB)).isEqualTo(3959);
  }

  @Test
  void allowsAFewOnTheSmallestMachine() {
    assertThat(MemoryLimit.sessions(10_000, 100 * MIB)).isEqualTo(50);
    assertThat(MemoryLimit.sessions(20, 100 * MIB)).isEqualTo(20);
  }

  @Test
  void doesNotGuessIfTheMemoryIsUnknown() {
    assertThat(MemoryLimit.sessions(10_000, -1)).isEqualTo(10_000);
  }
}
