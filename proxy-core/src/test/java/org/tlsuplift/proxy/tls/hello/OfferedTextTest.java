package org.tlsuplift.proxy.tls.hello;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.tls.hello.ClientHelloParserTest.parsed;
import static org.tlsuplift.proxy.tls.hello.HelloBytes.hello;

import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.ClientHello;

class OfferedTextTest {
  @Test
  void describesTheOfferOfAnOldDevice() {
    ClientHello hello = parsed(hello("0301", "0005" + "0004").serverName("mail.example").bytes());
    assertThat(OfferedText.describe(hello))
        .isEqualTo(
            "TLSv1; TLS_RSA_WITH_RC4_128_SHA, TLS_RSA_WITH_RC4_128_MD5; SNI mail.example; no ALPN");
  }

  @Test
  void countsOmittedItems() {
    ClientHello hello =
        parsed(
            hello("0303", "0005".repeat(16))
                .supportedVersions("03040303")
                .alpn("h2", "a", "b", "c", "d")
                .bytes());
    assertThat(OfferedText.describe(hello))
        .startsWith("TLSv1.3, TLSv1.2; TLS_RSA_WITH_RC4_128_SHA, ")
        .endsWith(" (+12 more); no SNI; ALPN h2, a, b (+2 more)");
  }

  @Test
  void namesSsl2Framing() {
    ClientHello hello = parsed(HelloBytes.ssl2("0300", "010080", "", "00".repeat(16)));
    assertThat(OfferedText.describe(hello))
        .isEqualTo("SSLv3 in SSLv2 framing; no cipher suites; no SNI; no ALPN");
  }

  @Test
  void isOneShortPrintableLineForHostileInput() {
    String name = "a23456789.".repeat(25);
    ClientHello hello =
        parsed(
            hello("0303", "c0ff" + "c076".repeat(40_0))
                .supportedVersions("03040303030203010300")
                .serverName(name)
                .alpn("\r\nforged\u001b[31m\u00ff", "x".repeat(255), "y".repeat(255))
                .bytes());
    assertThat(OfferedText.describe(hello))
        .hasSizeLessThanOrEqualTo(OfferedText.MAX_LENGTH)
        .matches("[ -~]+")
        .contains("0xC0FF", "??forged?[31m?");
  }
}
