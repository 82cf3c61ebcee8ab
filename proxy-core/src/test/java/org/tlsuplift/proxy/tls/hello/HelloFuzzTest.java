package org.tlsuplift.proxy.tls.hello;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.testing.Fuzzed.assertOneLine;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;
import org.tlsuplift.proxy.model.ClientHello;
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
            bytes,
            MAX_HELD,
            (pipeline, reports) ->
                pipeline.addLast(new ClientHelloHandler((ctx, read) -> reports.accept(read))));
    assertThat(outcome.answered()).isEmpty();
    if (parse instanceof HelloParse.NeedMore more) {
      assertThat(more.bytes()).isGreaterThan(bytes.length);
      assertThat(outcome.events()).isEmpty();
      return;
    }
    assertThat(outcome.events()).containsExactly(parse);
    if (parse instanceof HelloParse.Parsed parsed) {
      checkHello(parsed.hello());
    } else if (parse instanceof HelloParse.NotTls notTls) {
      assertOneLine(notTls.what());
    } else if (parse instanceof HelloParse.Malformed malformed) {
      assertOneLine(malformed.why());
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
    } else if (!outcome.events().isEmpty()) {
      assertThat(outcome.passed()).matches("(1503..0000|1503..0001..|1503..0002....)*");
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
