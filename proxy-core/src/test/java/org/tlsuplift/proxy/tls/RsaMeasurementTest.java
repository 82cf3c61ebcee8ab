package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.tls.rsa.Libcrypto;
import org.tlsuplift.proxy.tls.rsa.LibcryptoTest;

/** The choice of the library for RSA. */
class RsaMeasurementTest {
  private static boolean isFaster(int boringSslMicros, int libcryptoMicros) {
    return new RsaMeasurement(
            Duration.ofNanos(boringSslMicros * 1000L), Duration.ofNanos(libcryptoMicros * 1000L))
        .isLibcryptoFaster();
  }

  @Test
  void choosesLibcryptoOnlyIfItIsClearlyFaster() {
    assertThat(isFaster(1000, 500)).isTrue();
    assertThat(isFaster(1000, 850)).isTrue();
    assertThat(isFaster(1000, 851)).isFalse();
    assertThat(isFaster(1000, 1500)).isFalse();
  }

  @Test
  void measuresBoth() {
    Libcrypto library = LibcryptoTest.available();
    RsaMeasurement measured = RsaMeasurement.of(library);
    assertThat(measured.boringSsl()).isPositive();
    assertThat(measured.libcrypto()).isPositive();
  }
}
