package org.tlsuplift.proxy.tls.hello;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AlertTapTest {
  private static final String HANDSHAKE = "1603010003010203";

  @ParameterizedTest
  @CsvSource({
    "1503010002 0230, 48, 1",
    HANDSHAKE + " 1503010002 022A, 42, 2",
    HANDSHAKE + " " + HANDSHAKE + ", -1, 2",
    // close_notify has no information about certificates
    "1503010002 0100, -1, 1",
    // an encrypted alert is longer, and its bytes are not an alert
    "1503010004 02300230, -1, 1",
    // after a ClientHello in SSL 2.0 framing
    "8003010203 1503010002 0230, 48, 2",
    "1603010007 15030100020230, -1, 1",
  })
  void readsAlertsSplitAtAnyByte(String hex, int alert, int records) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    for (int cut = 1; cut <= bytes.length; cut++) {
      AlertTap tap = new AlertTap();
      EmbeddedChannel channel = new EmbeddedChannel(tap);
      for (int at = 0; at < bytes.length; at += cut) {
        channel.writeInbound(Unpooled.wrappedBuffer(bytes, at, Math.min(cut, bytes.length - at)));
      }
      assertThat(tap.alert()).isEqualTo(alert);
      assertThat(tap.records()).isEqualTo(records);
      ByteBuf passed = Unpooled.buffer();
      for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
        passed.writeBytes(part);
        ReferenceCountUtil.release(part);
      }
      assertThat(passed).isEqualTo(Unpooled.wrappedBuffer(bytes));
      channel.finish();
    }
  }
}
