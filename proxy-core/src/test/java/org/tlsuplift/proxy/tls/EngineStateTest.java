package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * A new version of Netty may have other fields: what depends on them must be written again then.
 */
class EngineStateTest {
  @Test
  void knowsTheFieldsOfThisVersionOfNetty() {
    assertThat(EngineState.isKnown()).isTrue();
  }
}
