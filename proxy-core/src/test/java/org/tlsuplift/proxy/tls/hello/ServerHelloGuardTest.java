package org.tlsuplift.proxy.tls.hello;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.tls.hello.HelloBytes.hello;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;

/** The guard refuses versions below TLS 1.2 and passes all others byte for byte. */
class ServerHelloGuardTest {
  private static final String RETRY =
      "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";
  private static final String WARNING = "15030100020170";

  private final List<Object> heard = new ArrayList<>();
  private final ServerHelloGuard guard =
      new ServerHelloGuard(
          new ServerHelloGuard.Callbacks() {
            @Override
            public void belowFloor(TlsVersion version) {
              heard.add(version);
            }

            @Override
            public void unreadable(String why) {
              heard.add(why);
            }

            @Override
            public void notTls() {
              heard.add("not TLS");
            }

            @Override
            public void agreed(TlsParameters parameters, boolean again) {
              heard.add(parameters);
            }
          });
  private final EmbeddedChannel channel = new EmbeddedChannel(guard);

  @AfterEach
  void releasesEverything() {
    channel.finishAndReleaseAll();
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
    return channel.pipeline().get(ServerHelloGuard.class) != null;
  }

  @ParameterizedTest
  @CsvSource({"0300, SSL_3", "0301, TLS_1_0", "0302, TLS_1_1", "0200, SSL_2"})
  void dropsAServerHelloBelowTls12(String code, TlsVersion version) {
    channel.writeInbound(hello(code, "002f").serverBytes());
    channel.writeInbound(HelloBytes.hex("1603010004"));
    assertThat(heard).containsExactly(version);
    assertThat(passedOn()).isEmpty();
  }

  @Test
  void forwardsTls12AndReportsTheAgreedParameters() {
    ByteBuf bytes = hello("0303", "c02f").extension("ff01", "00").alpn("h2").serverBytes();
    String sent = HelloBytes.digits(bytes);
    channel.writeInbound(bytes);
    assertThat(heard)
        .containsExactly(
            new TlsParameters(TlsVersion.TLS_1_2, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "h2"));
    assertThat(passedOn()).isEqualTo(sent);
    assertThat(isInPlace()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000})
  void forwardsTls13SplitAtAnyByte(int size) {
    ByteBuf bytes = hello("0303", "1301").extension("002b", "0304").serverRecords(size);
    String sent = HelloBytes.digits(bytes);
    while (bytes.isReadable()) {
      channel.writeInbound(bytes.readRetainedSlice(1));
    }
    bytes.release();
    assertThat(heard)
        .containsExactly(new TlsParameters(TlsVersion.TLS_1_3, "TLS_AES_128_GCM_SHA256", null));
    assertThat(passedOn()).isEqualTo(sent);
  }

  @Test
  void readsAHelloRetryRequestAsTls13() {
    channel.writeInbound(hello("0303", "1302").random(RETRY).serverBytes());
    assertThat(heard)
        .containsExactly(new TlsParameters(TlsVersion.TLS_1_3, "TLS_AES_256_GCM_SHA384", null));
    assertThat(passedOn()).isNotEmpty();
  }

  @Test
  void usesTheOlderOfTwoVersions() {
    channel.writeInbound(hello("0301", "002f").extension("002b", "0304").serverBytes());
    assertThat(heard).containsExactly(TlsVersion.TLS_1_0);
  }

  @Test
  void dropsAnOlderVersionInTheExtension() {
    channel.writeInbound(hello("0303", "002f").extension("002b", "0302").serverBytes());
    assertThat(heard).containsExactly(TlsVersion.TLS_1_1);
    assertThat(passedOn()).isEmpty();
  }

  @Test
  void forwardsAnUnknownNewerVersion() {
    channel.writeInbound(hello("0303", "1301").extension("002b", "0305").serverBytes());
    assertThat(heard).isEmpty();
    assertThat(passedOn()).isNotEmpty();
    assertThat(isInPlace()).isFalse();
  }

  @Test
  void forwardsAWarningAndKeepsChecking() {
    channel.writeInbound(HelloBytes.hex(WARNING.substring(0, 6)));
    assertThat(passedOn()).isEmpty();
    channel.writeInbound(HelloBytes.hex(WARNING.substring(6)));
    assertThat(passedOn()).isEqualTo(WARNING);
    channel.writeInbound(hello("0301", "002f").serverBytes());
    assertThat(heard).containsExactly(TlsVersion.TLS_1_0);
    assertThat(passedOn()).isEmpty();
  }

  @Test
  void passesWarningAndHelloOfOneRead() {
    ByteBuf hello = hello("0303", "c02f").serverBytes();
    String sent = WARNING + HelloBytes.digits(hello);
    hello.release();
    channel.writeInbound(HelloBytes.hex(sent));
    assertThat(passedOn()).isEqualTo(sent);
    assertThat(heard).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"485454502f312e31", "1400", "1703030001ff", "800003", "1602"})
  void dropsBytesThatAreNotTls(String sent) {
    channel.writeInbound(HelloBytes.hex(sent));
    channel.writeInbound(hello("0303", "c02f").serverBytes());
    channel.finish();
    assertThat(passedOn()).isEmpty();
    assertThat(heard).containsExactly("not TLS");
  }

  @ParameterizedTest
  @ValueSource(strings = {"16", "1603", "80", "150301"})
  void passesHalfAnAnswerWhenTheOriginEnds(String sent) {
    channel.writeInbound(HelloBytes.hex(sent));
    channel.finish();
    assertThat(passedOn()).isEqualTo(sent);
    assertThat(heard).isEmpty();
  }

  @Test
  void dropsAnAnswerInSsl2() {
    channel.writeInbound(HelloBytes.hex("802b" + "04" + "0001" + "0002"));
    assertThat(heard).containsExactly(TlsVersion.SSL_2);
    assertThat(passedOn()).isEmpty();
  }

  @Test
  void dropsAHandshakeThatHidesItsServerHello() {
    channel.writeInbound(HelloBytes.hex("1603010004" + "00000000"));
    channel.writeInbound(hello("0301", "002f").serverBytes());
    assertThat(heard).containsExactly("handshake message: got type 0; expected 2");
    assertThat(passedOn()).isEmpty();
  }

  @Test
  void dropsAServerHelloTooLargeToRead() {
    ByteBuf bytes = hello("0303", "c02f").extension("0015", "00".repeat(9000)).serverRecords(1);
    while (heard.isEmpty() && bytes.isReadable()) {
      channel.writeInbound(bytes.readRetainedSlice(1024));
    }
    assertThat(bytes.readerIndex()).isEqualTo(ServerHelloGuard.MAX_HELD);
    bytes.release();
    assertThat(heard).containsExactly("the ServerHello is longer than 16384 bytes");
    assertThat(passedOn()).isEmpty();
  }

  @Test
  void asksForMoreUntilItHasDecidedAndNotAfterARefusal() {
    ReadCounter reads = new ReadCounter();
    channel.pipeline().addFirst(reads);
    channel.config().setAutoRead(false);
    ByteBuf bytes = hello("0301", "002f").serverBytes();
    channel.writeInbound(bytes.readRetainedSlice(9));
    int undecided = reads.count();
    assertThat(undecided).isPositive();
    channel.writeInbound(bytes);
    assertThat(heard).containsExactly(TlsVersion.TLS_1_0);
    assertThat(reads.count()).isEqualTo(undecided);
  }
}
