package org.tlsuplift.proxy.tls.hello;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Only TLS records pass, for any split of the bytes. */
class TlsRecordGuardTest {
  private final AtomicInteger refusals = new AtomicInteger();

  private EmbeddedChannel channel() {
    refusals.set(0);
    return new EmbeddedChannel(TlsRecordGuard.ofRecords(refusals::incrementAndGet));
  }

  private static String record(int type, int length) {
    return "%02x0303%04x".formatted(type, length) + "47".repeat(length);
  }

  private static String passed(EmbeddedChannel channel) {
    StringBuilder hex = new StringBuilder();
    for (ByteBuf in = channel.readInbound(); in != null; in = channel.readInbound()) {
      hex.append(HelloBytes.digits(in));
      in.release();
    }
    return hex.toString();
  }

  private static void write(EmbeddedChannel channel, String hex, int size) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    for (int at = 0; at < bytes.length; at += size) {
      channel.writeInbound(Unpooled.copiedBuffer(bytes, at, Math.min(size, bytes.length - at)));
    }
  }

  @Property(tries = 200)
  void forwardsRecordsSplitAtAnyByte(
      @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 0, max = 300) Integer> lengths,
      @ForAll @IntRange(min = 20, max = 24) int type,
      @ForAll @IntRange(min = 1, max = 700) int size) {
    StringBuilder sent = new StringBuilder();
    lengths.forEach(length -> sent.append(record(type, length)));
    EmbeddedChannel channel = channel();
    write(channel, sent.toString(), size);
    assertThat(passed(channel)).isEqualTo(sent.toString());
    assertThat(refusals).hasValue(0);
    channel.finishAndReleaseAll();
  }

  @Property(tries = 200)
  void dropsInvalidBytesAfterARecord(
      @ForAll @IntRange(min = 0, max = 300) int length,
      @ForAll @IntRange(min = 0, max = 255) int type,
      @ForAll @IntRange(min = 1, max = 700) int size) {
    boolean known = type >= 20 && type <= 24;
    String wrong = "%02x%s".formatted(type, known ? "0400" : "0301");
    EmbeddedChannel channel = channel();
    write(channel, record(23, length) + wrong + "47".repeat(50), size);
    assertThat(refusals).hasValue(1);
    assertThat(record(23, length) + wrong).startsWith(passed(channel));
    write(channel, record(23, 5), 3);
    assertThat(passed(channel)).isEmpty();
    assertThat(refusals).hasValue(1);
    channel.finishAndReleaseAll();
  }

  @Test
  void passesTheLongestRecordAndNoLongerOne() {
    EmbeddedChannel channel = channel();
    String longest = record(23, (1 << 14) + 2048);
    write(channel, longest, 4000);
    assertThat(passed(channel)).isEqualTo(longest);
    write(channel, "170303" + "4801" + "00", 4000);
    assertThat(refusals).hasValue(1);
    assertThat(passed(channel)).isEmpty();
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 1000})
  void passesAHelloInTheFramingOfSsl2AndRecordsAfterIt(int size) {
    EmbeddedChannel channel =
        new EmbeddedChannel(TlsRecordGuard.afterSsl2Hello(refusals::incrementAndGet));
    String sent = "812c" + "01".repeat(0x12c) + record(22, 40) + record(23, 3);
    write(channel, sent, size);
    assertThat(passed(channel)).isEqualTo(sent);
    write(channel, "812c", size);
    assertThat(refusals).hasValue(1);
    channel.finishAndReleaseAll();
  }
}
