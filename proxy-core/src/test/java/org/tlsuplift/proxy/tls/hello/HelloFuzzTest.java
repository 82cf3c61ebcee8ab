package org.tlsuplift.proxy.tls.hello;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.testing.Fuzzed.assertOneLine;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.UpgradeNeed;
import org.tlsuplift.proxy.testing.Fuzzed;
import org.tlsuplift.proxy.testing.Fuzzed.Outcome;

/** Any first bytes of devices and of origins. */
class HelloFuzzTest {
  /** The held bytes, twice because a growing buffer is copied, and one more read. */
  private static final int MAX_HELD = 4 * ClientHelloParser.MAX_BYTES;

  /** Directly, with STARTTLS, and after SOCKS or CONNECT: the same handler reads them all. */
  @FuzzTest
  void ofDevice(byte[] bytes) {
    HelloParse parse = ClientHelloParser.parse(Unpooled.wrappedBuffer(bytes));
    Outcome outcome =
        Fuzzed.sendPatiently(
            bytes, MAX_HELD, (pipeline, reports) -> pipeline.addLast(new ClientHelloHandler()));
    assertThat(outcome.answered()).isEmpty();
    BoringSsl.Reading other = BoringSsl.read(bytes);
    if (parse instanceof HelloParse.NeedMore more) {
      assertThat(more.bytes()).isGreaterThan(bytes.length);
      assertThat(outcome.events()).isEmpty();
      assertThat(other.serverNames()).isEmpty();
      return;
    }
    assertThat(outcome.events()).containsExactly(parse);
    if (parse instanceof HelloParse.Parsed parsed) {
      checkHello(parsed.hello());
      checkAlike(parsed.hello(), other);
    } else if (parse instanceof HelloParse.NotTls notTls) {
      assertOneLine(notTls.what());
    } else if (parse instanceof HelloParse.Malformed malformed) {
      assertOneLine(malformed.why());
    }
  }

  /** A server sees the name by which the route was chosen, and only versions and suites of ours. */
  private static void checkAlike(ClientHello hello, BoringSsl.Reading other) {
    for (String name : other.serverNames()) {
      String host = HostPort.normalise(name);
      assertThat(hello.serverName()).isEqualTo(HostPort.isHostName(host) ? host : null);
      assertThat(hello.unusableServerName()).isEqualTo(!HostPort.isHostName(host));
    }
    if (ServerHelloParser.parse(other.reply().slice())
        instanceof ServerHelloParser.Answer.Agreed agreed) {
      assertThat(other.serverNames().isEmpty())
          .isEqualTo(hello.serverName() == null && !hello.unusableServerName());
      // The session no longer has a version if the handshake failed after the ServerHello.
      assertThat(other.version()).isIn(agreed.parameters().version().label(), "");
      assertThat(hello.newestVersion().orElseThrow())
          .isGreaterThanOrEqualTo(agreed.parameters().version());
      assertThat(hello.cipherSuites())
          .extracting(CipherSuites::nameOf)
          .contains(agreed.parameters().cipherSuite());
    }
  }

  private static void checkHello(ClientHello hello) {
    assertOneLine(OfferedText.describe(hello));
    assertThat(hello.ja4())
        .matches("t[0-9sd]{2}[di][0-9]{4}[0-9a-zA-Z]{2}_[0-9a-f]{12}_[0-9a-f]{12}");
    assertThat(hello.serverName() == null || !hello.unusableServerName()).isTrue();
    assertThat(UpgradeNeed.of(hello)).isNotNull();
    assertThat(UpgradeNeed.kind(hello)).isNotNull();
  }

  /**
   * The guard of a tunnel passes only alerts, and bytes from a ServerHello of TLS 1.2 or later on.
   */
  @FuzzTest
  void ofOrigin(byte[] bytes) {
    Outcome outcome =
        Fuzzed.sendPatiently(
            bytes,
            MAX_HELD,
            (pipeline, reports) -> pipeline.addLast(new ServerHelloGuard(new Reports(reports))));
    assertThat(outcome.answered()).isEmpty();
    assertThat(outcome.events()).hasSizeLessThanOrEqualTo(1);
    assertThat(Fuzzed.digits(bytes)).startsWith(outcome.passed());
    boolean agreed = outcome.events().stream().anyMatch(TlsParameters.class::isInstance);
    if (agreed) {
      assertThat(outcome.passed()).isEqualTo(Fuzzed.digits(bytes));
      assertThat(versionField(bytes)).isGreaterThanOrEqualTo(TlsVersion.TLS_1_2.code());
    } else if (!outcome.events().isEmpty()) {
      assertThat(outcome.passed()).matches("(1503..0000|1503..0001..|1503..0002....)*+");
    }
  }

  /** Otherwise the comparison with BoringSSL would prove nothing. */
  @ParameterizedTest
  @CsvSource({"openssl-tls10, TLSv1", "openssl-tls12-alpn, TLSv1.2", "openssl-tls13, TLSv1.3"})
  void boringSslReadsTheHellosThatFuzzingBeginsWith(String input, String version) throws Exception {
    BoringSsl.Reading reading = BoringSsl.read(input("ofDevice/" + input));
    assertThat(reading.serverNames()).containsExactly("smtp.office365.com");
    assertThat(reading.version()).isEqualTo(version);
    assertThat(ServerHelloParser.parse(reading.reply().slice()))
        .isInstanceOf(ServerHelloParser.Answer.Agreed.class);
  }

  /** The version in the first handshake message, which starts in any record after alerts. */
  private static int versionField(byte[] stream) {
    ByteBuf in = Unpooled.wrappedBuffer(stream);
    ByteBuf message = Unpooled.buffer();
    while (in.readableBytes() >= HandshakeRecords.RECORD_HEADER) {
      int type = in.readUnsignedByte();
      int length = Math.min(in.skipBytes(2).readUnsignedShort(), in.readableBytes());
      ByteBuf payload = in.readSlice(length);
      if (type == HandshakeRecords.HANDSHAKE) {
        message.writeBytes(payload);
      }
    }
    return message.getUnsignedShort(4);
  }

  private static byte[] input(String name) throws IOException {
    try (InputStream in = HelloFuzzTest.class.getResourceAsStream("HelloFuzzTestInputs/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  private record Reports(Consumer<Object> reports) implements ServerHelloGuard.Callbacks {
    @Override
    public void belowFloor(TlsVersion version) {
      assertThat(version.isLegacy()).isTrue();
      reports.accept(version);
    }

    @Override
    public void unreadable(String why) {
      assertOneLine(why);
      reports.accept(why);
    }

    @Override
    public void notTls() {
      reports.accept("not TLS");
    }

    @Override
    public void agreed(TlsParameters parameters, boolean again) {
      assertThat(parameters.version().isLegacy()).isFalse();
      reports.accept(parameters);
    }
  }
}
