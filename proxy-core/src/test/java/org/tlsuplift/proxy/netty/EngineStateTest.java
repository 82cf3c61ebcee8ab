package org.tlsuplift.proxy.netty;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Fails if a new version of Netty has other fields, so that the code that depends on them is
 * updated.
 */
class EngineStateTest {
  @Test
  void findsTheFieldsOfThisVersionOfNetty() {
    assertThat(EngineState.isKnown()).isTrue();
  }
}
