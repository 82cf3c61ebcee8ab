package org.tlsuplift.proxy.tls.hello;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.testing.Fuzzed;
import org.tlsuplift.proxy.testing.Fuzzed.Outcome;

/** Any bytes of devices and origins through tunnels, also after their first messages. */
class TunnelFuzzTest {
  private static final String REFUSED = "refused";
  private static final int MAX_PAYLOAD = (1 << 14) + 2048;
  private static final int HEADER = HandshakeRecords.RECORD_HEADER;

  /** A ClientHello or a record, twice because a growing buffer is copied, and one more read. */
  private static final int MAX_HELD = 4 * ClientHelloParser.MAX_BYTES;

  @FuzzTest
  void records(byte[] bytes) {
    boolean refused = inEachSplit(bytes, TlsRecordGuard::ofRecords);
    assertThat(refused).isEqualTo(!areRecords(bytes, 0));
  }

  @FuzzTest
  void recordsAfterSsl2Hello(byte[] bytes) {
    boolean refused = inEachSplit(bytes, TlsRecordGuard::afterSsl2Hello);
    int hello = bytes.length < 2 ? bytes.length : 2 + (u16(bytes, 0) & 0x7fff);
    assertThat(refused).isEqualTo(hello > 2 + MAX_PAYLOAD || !areRecords(bytes, hello));
  }

  /** A read passes whole or not at all, so the bytes before a refusal depend on the reads. */
  private static boolean inEachSplit(byte[] bytes, Function<Runnable, TlsRecordGuard> guard) {
    return Fuzzed.inEachSplit(
        bytes,
        pieces -> {
          Outcome outcome =
              Fuzzed.sendPieces(
                  pieces,
                  MAX_HELD,
                  (pipeline, reports) ->
                      pipeline.addLast(guard.apply(() -> reports.accept(REFUSED))));
          String sent = Fuzzed.digits(bytes);
          assertThat(sent).startsWith(outcome.passed());
          assertThat(outcome.events()).hasSizeLessThanOrEqualTo(1);
          boolean refused = !outcome.events().isEmpty();
          assertThat(outcome.passed().equals(sent)).isNotEqualTo(refused);
          return refused;
        });
  }

  /** Whether the bytes are records by RFC 8446 section 5.1; the last record may be incomplete. */
  private static boolean areRecords(byte[] bytes, int from) {
    for (int at = from; at < bytes.length; at += HEADER + u16(bytes, at + 3)) {
      if (bytes[at] < 20 || bytes[at] > 24 || (at + 1 < bytes.length && bytes[at + 1] != 3)) {
        return false;
      }
      if (at + HEADER > bytes.length) {
        return true;
      }
      if (u16(bytes, at + 3) > MAX_PAYLOAD) {
        return false;
      }
    }
    return true;
  }

  private static int u16(byte[] bytes, int at) {
    return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
  }

  /** The first two ClientHellos that pass name the routed host. */
  @FuzzTest
  void secondHello(byte[] bytes) {
    if (!(ClientHelloParser.parse(Unpooled.wrappedBuffer(bytes))
        instanceof HelloParse.Parsed routed)) {
      return;
    }
    Outcome outcome =
        Fuzzed.sendPatiently(
            bytes,
            MAX_HELD,
            (pipeline, reports) -> {
              SecondHelloGuard guard =
                  new SecondHelloGuard(routed.hello(), () -> reports.accept(REFUSED));
              guard.expectSecond();
              pipeline.addLast(guard);
            });
    assertThat(outcome.events()).isIn(List.of(), List.of(REFUSED));
    assertThat(Fuzzed.digits(bytes)).startsWith(outcome.passed());
    if (outcome.events().isEmpty()) {
      assertThat(outcome.passed()).isEqualTo(Fuzzed.digits(bytes));
    }
    checkNames(routed.hello(), HexFormat.of().parseHex(outcome.passed()));
  }

  private static void checkNames(ClientHello routed, byte[] passed) {
    ByteBuf in = Unpooled.wrappedBuffer(passed);
    int hellos = 0;
    while (in.readableBytes() >= HEADER && hellos < 2) {
      int length = HEADER + in.getUnsignedShort(in.readerIndex() + 3);
      if (in.getUnsignedByte(in.readerIndex()) == HandshakeRecords.HANDSHAKE) {
        HandshakeRecords.Found found;
        try {
          found = ClientHelloParser.find(in);
          if (!(found instanceof HandshakeRecords.Found.Message message)) {
            return;
          }
          length = message.bytes();
          ClientHello hello = ClientHelloBody.read(message.body()).toClientHello();
          assertThat(hello.serverName()).isEqualTo(routed.serverName());
        } catch (MalformedHelloException malformed) {
          throw new AssertionError("a hello passed that cannot be read", malformed);
        }
        hellos++;
      }
      in.skipBytes(Math.min(length, in.readableBytes()));
    }
  }

  /** The handler changes no bytes, and its result does not depend on the reads. */
  @FuzzTest
  void alerts(byte[] bytes) {
    Outcome outcome =
        Fuzzed.send(
            bytes,
            MAX_HELD,
            (pipeline, reports) -> {
              AlertTap tap = new AlertTap();
              pipeline.addLast(tap);
              pipeline.addLast(
                  new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelInactive(ChannelHandlerContext ctx) {
                      reports.accept(List.of(tap.alert(), tap.records(), tap.hasKeyExchanged()));
                    }
                  });
            });
    assertThat(outcome.passed()).isEqualTo(Fuzzed.digits(bytes));
    assertThat(outcome.events()).hasSize(1);
  }
}
