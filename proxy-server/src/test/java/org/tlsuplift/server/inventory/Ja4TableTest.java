package org.tlsuplift.server.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a fingerprint suggests; a test with the started daemon asks a real old Node.js. */
class Ja4TableTest {
  @Test
  void recognisesAStackWithAnySniAndAlpn() {
    assertThat(Ja4Table.suggests("t12d550600_168bb377f8c8_36aea2269ab5"))
        .isEqualTo(Ja4Table.suggests("t12i5505h2_168bb377f8c8_36aea2269ab5"))
        .isEqualTo("Node.js 4 to 8 (OpenSSL 1.0.2)");
  }

  @Test
  void doesNotGuess() {
    assertThat(Ja4Table.suggests("t12d550600_168bb377f8c8_000000000000")).isEmpty();
    assertThat(Ja4Table.suggests("")).isEmpty();
    assertThat(Ja4Table.suggests("t12d550600_")).isEmpty();
  }
}
