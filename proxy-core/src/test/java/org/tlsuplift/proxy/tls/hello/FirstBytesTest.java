package org.tlsuplift.proxy.tls.hello;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Protocols other than TLS are named, but their bytes are never reported. */
class FirstBytesTest {
  @ParameterizedTest
  @CsvSource({
    "'GET / HTTP/1.1', plain HTTP request (GET)",
    "'CONNECT a:443 HTTP/1.1', HTTP proxy request (CONNECT)",
    "'ehlo printer', plain SMTP (EHLO)",
    "'USER secret', plain POP3 or FTP (USER)",
    "'220 mail ESMTP', greeting of an SMTP or FTP server",
    "'SSH-2.0-x', SSH",
    "'PROXY TCP4 1.2.3.4', 'PROXY header, version 1'",
    "'a001 LOGIN user hunter2', text in an unknown protocol",
    "'Gopher', text in an unknown protocol"
  })
  void namesTextProtocols(String sent, String what) {
    assertThat(ClientHelloParser.parse(HelloBytes.ascii(sent)))
        .isEqualTo(new HelloParse.NotTls(what));
  }

  @ParameterizedTest
  @CsvSource({
    "050100, SOCKS 5 greeting",
    "040101bb, SOCKS 4 request",
    "0d0a0d0a000d0a515549540a21, 'PROXY header, version 2'",
    "1605, 'unknown bytes that start with 0x16'",
    "00, 'unknown bytes that start with 0x00'",
    "ffffff, 'unknown bytes that start with 0xff'"
  })
  void namesBinaryProtocols(String sent, String what) {
    assertThat(ClientHelloParser.parse(HelloBytes.hex(sent)))
        .isEqualTo(new HelloParse.NotTls(what));
  }

  /** After STARTTLS such a record is no injected plaintext. */
  @ParameterizedTest
  @CsvSource({
    "15030100020228, TLS alert",
    "140301, TLS ChangeCipherSpec",
    "170301, TLS application data"
  })
  void distinguishesTlsRecordsFromPlaintext(String sent, String what) {
    assertThat(ClientHelloParser.parse(HelloBytes.hex(sent)))
        .isEqualTo(new HelloParse.NotTls(what, false));
  }

  @Test
  void waitsWhileSeveralProtocolsArePossible() {
    assertThat(ClientHelloParser.parse(HelloBytes.ascii("P")))
        .isEqualTo(new HelloParse.NeedMore(2));
    assertThat(ClientHelloParser.parse(HelloBytes.ascii("GET")))
        .isEqualTo(new HelloParse.NeedMore(4));
  }
}
