package org.tlsuplift.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.model.TlsVersion.SSL_2;
import static org.tlsuplift.proxy.model.TlsVersion.SSL_3;
import static org.tlsuplift.proxy.model.TlsVersion.TLS_1_0;
import static org.tlsuplift.proxy.model.TlsVersion.TLS_1_1;
import static org.tlsuplift.proxy.model.TlsVersion.TLS_1_2;
import static org.tlsuplift.proxy.model.TlsVersion.TLS_1_3;
import static org.tlsuplift.proxy.route.Hellos.hello;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.route.UpgradeNeed.Kind;

class UpgradeNeedTest {
  @Test
  void aDeviceWithoutTls12NeedsIt() {
    assertThat(UpgradeNeed.of(hello(List.of(TLS_1_0), 0xc013)))
        .isEqualTo(new UpgradeNeed(Kind.VERSION, "offers TLSv1 only"));
    assertThat(UpgradeNeed.of(hello(List.of(TLS_1_1, TLS_1_0, SSL_3), 0xc02f)))
        .isEqualTo(new UpgradeNeed(Kind.VERSION, "offers SSLv3, TLSv1, TLSv1.1 only"));
    assertThat(UpgradeNeed.of(hello(List.of(SSL_2))).detail()).isEqualTo("offers SSLv2 only");
    assertThat(UpgradeNeed.of(hello(List.of())).detail()).isEqualTo("offers unknown versions only");
  }

  @Test
  void aDeviceWithStaticRsaOnlyNeedsIt() {
    assertThat(UpgradeNeed.of(hello(List.of(TLS_1_2, TLS_1_0), 0x002f, 0x009c, 0x00ff, 0x5600)))
        .isEqualTo(new UpgradeNeed(Kind.ONLY_TLS_RSA, "offers TLSv1.2, but only TLS_RSA suites"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x0033, 0x009e, 0xc011, 0xc012, 0xc0ae, 0xcca8, 0x1301, 0x00ff})
  void aDeviceWithoutASuiteOfMicrosoftNeedsIt(int suite) {
    assertThat(UpgradeNeed.of(hello(List.of(TLS_1_2), suite)))
        .isEqualTo(
            new UpgradeNeed(
                Kind.SUITES,
                "offers TLSv1.2, but no suite that Microsoft 365 accepts (ECDHE with AES)"));
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        0xc009, 0xc00a, 0xc013, 0xc014, 0xc023, 0xc024, 0xc027, 0xc028, 0xc02b, 0xc02c, 0xc02f,
        0xc030
      })
  void oneSuiteOfMicrosoftIsEnoughInTls12(int suite) {
    assertThat(UpgradeNeed.of(hello(List.of(TLS_1_2), 0x0035, suite)).needed()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0x1301, 0x1302, 0x1303})
  void theSuitesOfTls13CountWhereTls13IsOffered(int suite) {
    assertThat(UpgradeNeed.of(hello(List.of(TLS_1_3, TLS_1_2), suite)))
        .isEqualTo(new UpgradeNeed(Kind.NONE, "offers TLSv1.3 with suites Microsoft 365 accepts"));
  }
}
