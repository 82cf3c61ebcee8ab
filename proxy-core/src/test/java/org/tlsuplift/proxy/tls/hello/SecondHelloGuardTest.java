package org.tlsuplift.proxy.tls.hello;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.tls.hello.HelloBytes.hello;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** After a HelloRetryRequest in a tunnel, the device must name the same host. */
class SecondHelloGuardTest {
  /**
   * ChangeCipherSpec, which devices send before their second ClientHello (RFC 8446 appendix D.4).
   */
  private static final String COMPATIBLE = "140303000101";

  private static final String EARLY_DATA = "1703030003010203";

  private final AtomicInteger refusals = new AtomicInteger();
  private final SecondHelloGuard guard =
      new SecondHelloGuard(
          ClientHelloParserTest.parsed(HelloBytes.hex(named("a.example"))),
          refusals::incrementAndGet);
  private final EmbeddedChannel channel = new EmbeddedChannel(guard);

  @AfterEach
  void releasesEverything() {
    channel.finishAndReleaseAll();
  }

  private static String named(String name) {
    ByteBuf bytes = hello("0303", "1301").serverName(name).supportedVersions("0304").bytes();
    String digits = HelloBytes.digits(bytes);
    bytes.release();
    return digits;
  }

  private void send(String hex, int size) {
    ByteBuf bytes = HelloBytes.hex(hex);
    while (bytes.isReadable()) {
      channel.writeInbound(bytes.readRetainedSlice(Math.min(size, bytes.readableBytes())));
    }
    bytes.release();
  }

  private String passed() {
    StringBuilder digits = new StringBuilder();
    for (ByteBuf in = channel.readInbound(); in != null; in = channel.readInbound()) {
      digits.append(HelloBytes.digits(in));
      in.release();
    }
    return digits.toString();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 10_000})
  void forwardsASecondHelloOfTheSameNameAndRemovesItself(int size) {
    send(named("a.example") + COMPATIBLE + EARLY_DATA, size);
    guard.expectSecond();
    send(named("a.example"), size);
    assertThat(passed())
        .isEqualTo(named("a.example") + COMPATIBLE + EARLY_DATA + named("a.example"));
    assertThat(channel.pipeline().get(SecondHelloGuard.class)).isNull();
    send("1603", size);
    assertThat(passed()).isEqualTo("1603");
    assertThat(refusals).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 10_000})
  void dropsASecondHelloOfAnotherName(int size) {
    send(named("a.example"), size);
    guard.expectSecond();
    send(COMPATIBLE + named("b.example"), size);
    send(named("a.example"), size);
    assertThat(passed()).isEqualTo(named("a.example") + COMPATIBLE);
    assertThat(refusals).hasValue(1);
  }

  /** Otherwise it would pass before the origin's reply. */
  @Test
  void dropsAnUnrequestedSecondHello() {
    send(named("a.example") + named("a.example"), 10_000);
    assertThat(passed()).isEqualTo(named("a.example"));
    assertThat(refusals).hasValue(1);
  }

  @Test
  void dropsARecordWithTwoHandshakeMessages() {
    String one = named("a.example");
    int length = one.length() / 2 - 5;
    String both = "160301%04x".formatted(2 * length) + one.substring(10) + one.substring(10);
    send(both, 10_000);
    assertThat(passed()).isEmpty();
    assertThat(refusals).hasValue(1);
  }

  @Test
  void dropsASecondHelloThatCannotBeRead() {
    send(named("a.example"), 10_000);
    guard.expectSecond();
    send("16030100040b000000", 10_000);
    assertThat(passed()).isEqualTo(named("a.example"));
    assertThat(refusals).hasValue(1);
  }

  @Test
  void forwardsHeldBytesWhenItIsRemoved() {
    send(named("a.example") + "170303", 10_000);
    channel.pipeline().remove(guard);
    assertThat(passed()).isEqualTo(named("a.example") + "170303");
    assertThat(refusals).hasValue(0);
  }
}
