package org.tlsuplift.proxy.tls.hello;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.tls.hello.ClientHelloParserTest.parsed;

import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.ClientHello.Framing;
import org.tlsuplift.proxy.model.TlsVersion;

/** ClientHellos in SSL 2.0 framing by RFC 5246 appendix E.2. */
class Ssl2HelloTest {
  private static final String SUITES = "010080" + "000005" + "00000a" + "0700c0" + "0000ff";
  private static final String CHALLENGE = "cd".repeat(32);

  @Test
  void readsVersionAndSuitesAndSkipsThoseOfSsl2() {
    ClientHello hello = parsed(HelloBytes.ssl2("0301", SUITES, "", CHALLENGE));
    assertThat(hello.framing()).isEqualTo(Framing.SSL_2);
    assertThat(hello.versions()).containsExactly(TlsVersion.TLS_1_0);
    assertThat(hello.cipherSuites()).containsExactly(0x05, 0x0a, 0xff);
    assertThat(hello.serverName()).isNull();
    assertThat(hello.ja4()).startsWith("t10i030000_").endsWith("_000000000000");
  }

  @ParameterizedTest
  @CsvSource({"0300, SSL_3", "0303, TLS_1_2", "0304, TLS_1_2"})
  void listsTheAnnouncedVersionUpToTls12(String code, TlsVersion version) {
    assertThat(parsed(HelloBytes.ssl2(code, SUITES, "", CHALLENGE)).versions())
        .containsExactly(version);
  }

  @Test
  void acceptsAShortChallengeAndASessionId() {
    ByteBuf in = HelloBytes.ssl2("0300", SUITES, "00".repeat(16), "cd".repeat(16));
    assertThat(parsed(in).versions()).containsExactly(TlsVersion.SSL_3);
  }

  @Test
  void namesAHelloThatOffersSsl2Only() {
    assertThat(ClientHelloParser.parse(HelloBytes.ssl2("0002", SUITES, "", CHALLENGE)))
        .isEqualTo(new HelloParse.NotTls("SSLv2-only hello offering 5 suites", false));
  }

  @Test
  void rejectsOtherBytesWithTheHighBit() {
    assertThat(ClientHelloParser.parse(HelloBytes.hex("80ff02")))
        .isEqualTo(new HelloParse.NotTls("unknown bytes that start with 0x80"));
    assertThat(ClientHelloParser.parse(HelloBytes.hex("80ff01" + "7777" + "000300000010")))
        .isEqualTo(new HelloParse.NotTls("unknown bytes that start with 0x80"));
  }

  @ParameterizedTest
  @CsvSource({
    "9001 01 0301 0003 0000 0020, ClientHello in SSLv2 framing: got 4097 bytes; expected at most 4096",
    "802e 01 0301 0000 0000 0020, cipher suites in SSLv2 framing: got 0 bytes",
    "802e 01 0301 0004 0000 0020, cipher suites in SSLv2 framing: got 4 bytes",
    "802e 01 0301 0003 0001 0020, session id in SSLv2 framing: got 1 bytes",
    "802e 01 0301 0003 0000 000f, challenge in SSLv2 framing: got 15 bytes",
    "802e 01 0301 0003 0000 0021, challenge in SSLv2 framing: got 33 bytes",
    "802e 01 0301 0003 0000 0020, ClientHello in SSLv2 framing: got 46 bytes; expected 44 by its fields"
  })
  void refusesLengthsThatDoNotAddUp(String header, String why) {
    HelloParse parse = ClientHelloParser.parse(HelloBytes.hex(header.replace(" ", "")));
    assertThat(parse).isInstanceOf(HelloParse.Malformed.class);
    assertThat(((HelloParse.Malformed) parse).why()).startsWith(why);
  }
}
