package org.tlsuplift.server.it.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LoopbackTest {
  @Test
  void returnsNoPortTwice() {
    List<Integer> ports = Stream.generate(() -> Loopback.freePort(Loopback.V4)).limit(500).toList();
    assertThat(ports).doesNotHaveDuplicates();
  }
}
