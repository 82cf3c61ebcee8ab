package org.tlsuplift.proxy.tls.hello;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RealHelloTest and PeerHelloTest compare the names and numbers with real engines. */
class CipherSuitesTest {
  @ParameterizedTest
  @CsvSource({
    "0x0005, TLS_RSA_WITH_RC4_128_SHA",
    "0x000a, TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    "0x00ff, TLS_EMPTY_RENEGOTIATION_INFO_SCSV",
    "0x5600, TLS_FALLBACK_SCSV",
    "0x1303, TLS_CHACHA20_POLY1305_SHA256",
    "0xc013, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"
  })
  void mapsNumbersAndNamesOfTheRegistry(String number, String name) {
    assertThat(CipherSuites.nameOf(Integer.decode(number))).isEqualTo(name);
    assertThat(CipherSuites.numberOf(name)).hasValue(Integer.decode(number));
  }

  @Test
  void showsTheNumberOfAnUnknownSuite() {
    assertThat(CipherSuites.nameOf(0xc0ff)).isEqualTo("0xC0FF");
    assertThat(CipherSuites.nameOf(0)).isEqualTo("0x0000");
    assertThat(CipherSuites.numberOf("TLS_NO_SUCH_SUITE")).isEmpty();
  }

  @Test
  void convertsNamesOfTheJdk() {
    assertThat(CipherSuites.canonical("SSL_RSA_WITH_RC4_128_MD5"))
        .isEqualTo("TLS_RSA_WITH_RC4_128_MD5");
    assertThat(CipherSuites.canonical("TLS_AES_128_GCM_SHA256"))
        .isEqualTo("TLS_AES_128_GCM_SHA256");
    assertThat(CipherSuites.canonical("SSL_NO_SUCH_SUITE")).isEqualTo("SSL_NO_SUCH_SUITE");
    assertThat(CipherSuites.numberOf("SSL_RSA_WITH_RC4_128_MD5")).hasValue(4);
  }
}
