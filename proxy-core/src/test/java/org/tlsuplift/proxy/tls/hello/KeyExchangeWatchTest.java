package org.tlsuplift.proxy.tls.hello;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.tls.hello.HelloBytes.hello;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The watch reads the group, refuses MD5 and SHA-1, and passes everything else byte for byte. */
class KeyExchangeWatchTest {
  private static final String CERTIFICATE = message("0b", "00".repeat(40_000));
  private static final String DONE = message("0e", "");
  private static final String CHANGE_CIPHER_SPEC = "140303000101";

  private final KeyExchangeWatch watch = new KeyExchangeWatch();
  private final EmbeddedChannel channel = new EmbeddedChannel(watch);

  @AfterEach
  void releasesEverything() {
    channel.finishAndReleaseAll();
  }

  private static String message(String type, String body) {
    return type + "%06x".formatted(body.length() / 2) + body;
  }

  private static String hello12() {
    String record = HelloBytes.digits(hello("0303", "c02f").serverBytes());
    return record.substring(10);
  }

  /** A message that names P-256 and a signature algorithm. */
  private static String keyExchange(String algorithm) {
    return message("0c", "030017" + "41" + "04".repeat(65) + algorithm + "0100" + "5a".repeat(256));
  }

  /** Splits messages into records. */
  private static String records(String messages, int size) {
    StringBuilder records = new StringBuilder();
    for (int at = 0; at < messages.length(); at += 2 * size) {
      String part = messages.substring(at, Math.min(messages.length(), at + 2 * size));
      records.append("160303").append("%04x".formatted(part.length() / 2)).append(part);
    }
    return records.toString();
  }

  private void arrives(String digits, int size) {
    byte[] bytes = ByteBufUtil.decodeHexDump(digits);
    for (int at = 0; channel.isOpen() && at < bytes.length; at += size) {
      channel.writeInbound(Unpooled.copiedBuffer(bytes, at, Math.min(size, bytes.length - at)));
    }
  }

  private String passedOn() {
    StringBuilder digits = new StringBuilder();
    for (ByteBuf in = channel.readInbound(); in != null; in = channel.readInbound()) {
      digits.append(HelloBytes.digits(in));
      in.release();
    }
    return digits.toString();
  }

  private boolean isInPlace() {
    return channel.pipeline().get(KeyExchangeWatch.class) != null;
  }

  @ParameterizedTest
  @CsvSource({"16384, 100000", "16384, 1", "1, 1", "1000, 7", "3, 4000"})
  void refusesSha1AcrossRecordsAndReads(int recordSize, int readSize) {
    String flight = records(hello12() + CERTIFICATE + keyExchange("0201") + DONE, recordSize);
    arrives(flight, readSize);
    assertThat(watch.weakHash()).isEqualTo("SHA-1");
    assertThat(channel.isOpen()).isFalse();
    String passed = passedOn();
    assertThat(flight).startsWith(passed).hasSizeGreaterThan(passed.length());
  }

  @Test
  void refusesMd5() {
    arrives(records(hello12() + keyExchange("0101"), 16384), 100_000);
    assertThat(watch.weakHash()).isEqualTo("MD5");
    assertThat(passedOn()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0401, 1", "0403, 16384", "0804, 16384"})
  void passesStrongSignaturesAndIsGone(String algorithm, int recordSize) {
    String flight = records(hello12() + CERTIFICATE + keyExchange(algorithm) + DONE, recordSize);
    arrives(flight, 1000);
    assertThat(watch.weakHash()).isNull();
    assertThat(watch.group()).isEqualTo("secp256r1");
    assertThat(isInPlace()).isFalse();
    assertThat(passedOn()).isEqualTo(flight);
  }

  @ParameterizedTest
  @CsvSource({"11ec, X25519MLKEM768", "001d, x25519", "0100, 0x0100"})
  void readsTheGroupOfTls13AndIsGone(String code, String name) {
    String flight =
        HelloBytes.digits(
            hello("0303", "1301")
                .extension("002b", "0304")
                .extension("0033", code + "0460" + "00".repeat(1120))
                .serverRecords(900));
    arrives(flight, 1);
    assertThat(watch.group()).isEqualTo(name);
    assertThat(isInPlace()).isFalse();
    assertThat(passedOn()).isEqualTo(flight);
  }

  @Test
  void isNotMisledByAKeyShareInTls12() {
    String hello =
        HelloBytes.digits(hello("0303", "c02f").extension("0033", "001d0000").serverBytes());
    arrives(hello, 1000);
    assertThat(isInPlace()).isTrue();
    arrives(records(keyExchange("0201"), 16384), 1000);
    assertThat(watch.weakHash()).isEqualTo("SHA-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {CHANGE_CIPHER_SPEC, "170303000101", "32323020726561647920"})
  void isGoneAfterAResumptionAndOtherRecords(String after) {
    String flight = records(hello12(), 16384) + "15030300020170" + after;
    arrives(flight, 1);
    assertThat(isInPlace()).isFalse();
    assertThat(watch.group()).isNull();
    assertThat(passedOn()).isEqualTo(flight);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "03", "010017", "030017ff00", "0300174104"})
  void leavesMalformedMessagesToBoringSsl(String body) {
    String flight = records(hello12() + message("0c", body) + DONE, 16384);
    arrives(flight, 5);
    assertThat(watch.weakHash()).isNull();
    assertThat(passedOn()).isEqualTo(flight);
  }
}
