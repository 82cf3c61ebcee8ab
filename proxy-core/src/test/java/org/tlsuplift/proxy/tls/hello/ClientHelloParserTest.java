package org.tlsuplift.proxy.tls.hello;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.model.TlsVersion.SSL_3;
import static org.tlsuplift.proxy.model.TlsVersion.TLS_1_0;
import static org.tlsuplift.proxy.model.TlsVersion.TLS_1_1;
import static org.tlsuplift.proxy.model.TlsVersion.TLS_1_2;
import static org.tlsuplift.proxy.model.TlsVersion.TLS_1_3;
import static org.tlsuplift.proxy.tls.hello.HelloBytes.hello;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.ClientHello.Framing;
import org.tlsuplift.proxy.model.TlsVersion;

class ClientHelloParserTest {
  private static final String RC4 = "00050004";

  static ClientHello parsed(ByteBuf in) {
    HelloParse parse = ClientHelloParser.parse(in);
    assertThat(parse).isInstanceOf(HelloParse.Parsed.class);
    return ((HelloParse.Parsed) parse).hello();
  }

  private static String malformed(ByteBuf in) {
    HelloParse parse = ClientHelloParser.parse(in);
    assertThat(parse).isInstanceOf(HelloParse.Malformed.class);
    return ((HelloParse.Malformed) parse).why();
  }

  @Test
  void readsEverythingThatDecidesARoute() {
    ClientHello hello =
        parsed(
            hello("0303", "c02f" + "0a0a" + "002f" + "00ff")
                .serverName("Outlook.Office365.com")
                .alpn("h2", "http/1.1")
                .supportedVersions("3a3a" + "0303" + "0304")
                .groups("2a2a" + "001d" + "0017")
                .signatureAlgorithms("0403" + "0804")
                .extension("1a1a", "")
                .bytes());
    assertThat(hello.framing()).isEqualTo(Framing.TLS);
    assertThat(hello.versions()).containsExactly(TLS_1_3, TLS_1_2);
    assertThat(hello.cipherSuites()).containsExactly(0xc02f, 0x002f, 0x00ff);
    assertThat(hello.serverName()).isEqualTo("outlook.office365.com");
    assertThat(hello.applicationProtocols()).containsExactly("h2", "http/1.1");
    assertThat(hello.supportedGroups()).containsExactly(0x001d, 0x0017);
    assertThat(hello.signatureAlgorithms()).containsExactly(0x0403, 0x0804);
    assertThat(hello.smallRecords()).isFalse();
  }

  @Test
  void readsThatADeviceHasRoomForSmallRecordsOnly() {
    assertThat(parsed(hello("0301", RC4).extension("0001", "01").bytes()).smallRecords()).isTrue();
  }

  @Test
  void consumesNothing() {
    ByteBuf in = hello("0301", RC4).bytes();
    int readable = in.readableBytes();
    assertThat(parsed(in)).isNotNull();
    assertThat(in.readableBytes()).isEqualTo(readable);
  }

  @Test
  void readsAHelloWithoutExtensions() {
    ClientHello hello = parsed(hello("0301", RC4).bytes());
    assertThat(hello.versions()).containsExactly(TLS_1_0);
    assertThat(hello.cipherSuites()).containsExactly(5, 4);
    assertThat(hello.serverName()).isNull();
    assertThat(hello.applicationProtocols()).isEmpty();
  }

  @Test
  void readsAnEmptyExtensionBlockAsNone() {
    assertThat(parsed(hello("0301", RC4).emptyExtensionBlock().bytes()))
        .usingRecursiveComparison()
        .ignoringFields("length")
        .isEqualTo(parsed(hello("0301", RC4).bytes()));
  }

  @ParameterizedTest
  @CsvSource({
    "0300, SSL_3",
    "0301, TLS_1_0",
    "0302, TLS_1_1",
    "0303, TLS_1_2",
    "0304, TLS_1_2",
    "0399, TLS_1_2",
    "0400, TLS_1_2"
  })
  void listsTheAnnouncedVersionUpToTls12WithoutSupportedVersions(String code, TlsVersion version) {
    assertThat(parsed(hello(code, RC4).bytes()).versions()).containsExactly(version);
  }

  @Test
  void listsNoVersionForOneOlderThanSsl3() {
    assertThat(parsed(hello("0002", RC4).bytes()).newestVersion()).isEmpty();
  }

  @Test
  void usesSupportedVersionsOnlyAndSkipsUnknownOnes() {
    ByteBuf in = hello("0303", RC4).supportedVersions("0301" + "7f1c" + "0302" + "0301").bytes();
    assertThat(parsed(in).versions()).containsExactly(TLS_1_1, TLS_1_0);
    assertThat(parsed(hello("0303", RC4).supportedVersions("7f1c").bytes()).versions()).isEmpty();
    assertThat(parsed(hello("0301", RC4).supportedVersions("0300" + "0002").bytes()).versions())
        .containsExactly(SSL_3);
  }

  @ParameterizedTest
  @CsvSource({
    "smtp.office365.com, smtp.office365.com",
    "SMTP.Office365.COM., smtp.office365.com",
    "intranet, intranet",
    "my_host.example, my_host.example",
    "10.0.0.1,",
    "::1,",
    "a..b,",
    "a.,a",
    "a..,",
    "*.example.com,",
    "-x.example,",
    "ex ample.com,",
    "m\u00fcnchen.de,",
    "'a\u0000.example',",
    "'',"
  })
  void normalisesTheServerNameOrLeavesItOut(String sent, String expected) {
    assertThat(parsed(hello("0301", RC4).serverName(sent).bytes()).serverName())
        .isEqualTo(expected);
  }

  @Test
  void leavesOutAServerNameThatIsTooLong() {
    String tooLong = "a.".repeat(127) + "a";
    assertThat(tooLong).hasSize(255);
    assertThat(parsed(hello("0301", RC4).serverName(tooLong).bytes()).serverName()).isNull();
  }

  @Test
  void leavesOutAServerNameThatIsNotOneName() {
    assertThat(parsed(hello("0301", RC4).serverName("a.example", "b.example").bytes()).serverName())
        .isNull();
    assertThat(parsed(hello("0301", RC4).serverName().bytes()).serverName()).isNull();
    assertThat(parsed(hello("0301", RC4).extension("0000", "").bytes()).serverName()).isNull();
    ByteBuf otherType =
        hello("0301", RC4).extension("0000", "0005" + "07" + "0002" + "6162").bytes();
    assertThat(parsed(otherType).serverName()).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 64})
  void putsAHelloTogetherFromManyRecords(int size) {
    HelloBytes hello = hello("0303", "c02f").serverName("a.example").alpn("h2");
    assertThat(parsed(hello.records(size))).isEqualTo(parsed(hello.bytes()));
  }

  @Test
  void readsAHelloOfTheLargestSizeOverSeveralRecords() {
    HelloBytes hello = hello("0303", "c02f").extension("0015", "00".repeat(65_000));
    assertThat(parsed(hello.bytes()).cipherSuites()).containsExactly(0xc02f);
  }

  @Test
  void ignoresBytesAfterTheHello() {
    ByteBuf nextRecord = Unpooled.wrappedBuffer(hello("0301", RC4).bytes(), HelloBytes.hex("ff"));
    assertThat(parsed(nextRecord).cipherSuites()).containsExactly(5, 4);
    ByteBuf sameRecord = hello("0301", RC4).bytes();
    sameRecord.setShort(3, sameRecord.getUnsignedShort(3) + 1).writeByte(0xff);
    assertThat(parsed(sameRecord).cipherSuites()).containsExactly(5, 4);
  }

  @Test
  void requestsExactlyTheMissingBytes() {
    ByteBuf whole = hello("0301", RC4).bytes();
    int length = whole.readableBytes();
    assertThat(ClientHelloParser.parse(Unpooled.EMPTY_BUFFER))
        .isEqualTo(new HelloParse.NeedMore(1));
    assertThat(ClientHelloParser.parse(whole.slice(0, 1))).isEqualTo(new HelloParse.NeedMore(5));
    assertThat(ClientHelloParser.parse(whole.slice(0, 5))).isEqualTo(new HelloParse.NeedMore(9));
    assertThat(ClientHelloParser.parse(whole.slice(0, 9)))
        .isEqualTo(new HelloParse.NeedMore(length));
  }

  @Test
  void refusesEmptyAndOversizedRecords() {
    assertThat(malformed(HelloBytes.hex("1603010000")))
        .isEqualTo("record length: got 0 bytes; expected 1 to 16384");
    assertThat(malformed(HelloBytes.hex("1603014001")))
        .isEqualTo("record length: got 16385 bytes; expected 1 to 16384");
  }

  @Test
  void refusesOtherRecordsBeforeTheEndOfTheHello() {
    ByteBuf first = hello("0301", RC4).records(10).readSlice(15);
    assertThat(malformed(Unpooled.wrappedBuffer(first, HelloBytes.hex("15030100020100"))))
        .isEqualTo("a record of type 21 within a handshake message");
  }

  @Test
  void refusesAHelloThatIsTooLarge() {
    assertThat(malformed(HelloBytes.hex("1603010100" + "01" + "010000")))
        .isEqualTo("handshake message: got 65536 bytes; expected at most 65527");
    HelloBytes large = hello("0303", "c02f").extension("0015", "00".repeat(60_000));
    assertThat(malformed(large.records(50)))
        .isEqualTo("the ClientHello is longer than 65536 bytes");
    assertThat(malformed(large.records(1)))
        .isEqualTo("a handshake message in more than 4096 records");
  }

  @Test
  void refusesAnotherHandshakeMessage() {
    assertThat(malformed(HelloBytes.hex("1603010004" + "00000000")))
        .isEqualTo("handshake message: got type 0; expected 1");
  }

  @Test
  void refusesMalformedStructures() {
    assertThat(malformed(hello("0301", "0005").tail("00").bytes())).startsWith("extensions: ");
    assertThat(malformed(hello("0301", "0005").emptyExtensionBlock().tail("0000").bytes()))
        .isEqualTo("hello: got 2 extra bytes");
    assertThat(malformed(hello("0301", "").bytes())).isEqualTo("cipher suites: none");
    assertThat(malformed(hello("0301", "000500").bytes()))
        .isEqualTo("cipher suites: got 3 bytes; expected an even number");
    assertThat(malformed(hello("0301", "0005").compression("").bytes()))
        .isEqualTo("compression methods: none");
    assertThat(malformed(hello("0301", "0005").sessionId("00".repeat(33)).bytes()))
        .isEqualTo("session id: got 33 bytes; expected at most 32");
    assertThat(malformed(HelloBytes.records(1, "0301", 100))).startsWith("random: ");
    assertThat(malformed(HelloBytes.records(1, "", 100))).startsWith("version: ");
  }

  @Test
  void refusesBrokenExtensions() {
    HelloBytes twice = hello("0301", "0005").extension("0023", "").extension("0023", "");
    assertThat(malformed(twice.bytes())).isEqualTo("extension 35: sent more than once");
    assertThat(malformed(hello("0301", "0005").alpn("h2", "").bytes()))
        .isEqualTo("ALPN: an empty name");
    assertThat(malformed(hello("0301", "0005").extension("0010", "0000" + "00").bytes()))
        .isEqualTo("ALPN: got 1 extra bytes");
    assertThat(malformed(hello("0301", "0005").extension("000a", "0009" + "0017").bytes()))
        .isEqualTo("supported groups: expected 9 bytes; got 2");
    assertThat(malformed(hello("0301", "0005").extension("0000", "0001").bytes()))
        .startsWith("server name: ");
    assertThat(malformed(hello("0301", "0005").supportedVersions("03").bytes()))
        .isEqualTo("supported versions: got 1 bytes; expected an even number");
  }
}
