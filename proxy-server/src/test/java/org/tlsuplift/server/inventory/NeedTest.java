package org.tlsuplift.server.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.TlsProfile;

class NeedTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
      })
  void modernSuiteIsNoNeedWithEitherKindOfKey(String suite) {
    assertThat(Need.of(false, null, new TlsParameters(TlsVersion.TLS_1_2, suite, null))).isEmpty();
  }

  @Test
  void allSuitesOfTheModernProfileAreNoNeed() {
    assertThat(TlsProfile.MODERN.cipherSuites())
        .allSatisfy(
            suite ->
                assertThat(Need.of(false, null, new TlsParameters(TlsVersion.TLS_1_3, suite, null)))
                    .isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"})
  void cbcIsANeedWithEitherKindOfKey(String suite) {
    assertThat(Need.of(false, null, new TlsParameters(TlsVersion.TLS_1_2, suite, null)))
        .contains(Need.OLD_SUITE);
  }
}
