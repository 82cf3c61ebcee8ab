package org.tlsuplift.proxy.upstream.dial;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The exact bytes of PROXY headers (version 2). */
class ProxyHeaderSenderTest {
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

  /** The first task would start its thread. */
  private static final EventLoop NEVER_RUN = new DefaultEventLoop();

  private static String sent(DialContext dialContext) {
    EmbeddedChannel channel = new EmbeddedChannel(false, false, new ProxyHeaderSender(dialContext));
    try {
      channel.register();
    } catch (Exception broken) {
      throw new IllegalStateException(broken);
    }
    ByteBuf header = channel.readOutbound();
    String hex = ByteBufUtil.hexDump(header);
    header.release();
    assertThat(channel.pipeline().names()).as("only the tail is left").hasSize(1);
    assertThat(channel.finishAndReleaseAll()).isFalse();
    return hex;
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 10.0.0.1, 2111000c 0a010203 0a000001 dc04 0c38",
    "2001:db8::7, ::1, 21210024 20010db8000000000000000000000007 00000000000000000000000000000001 dc04 0c38",
    "10.1.2.3, 2001:db8::1, 21210024 00000000000000000000ffff0a010203 20010db8000000000000000000000001 dc04 0c38",
    "2001:db8::7, 10.0.0.1, 21210024 20010db8000000000000000000000007 00000000000000000000ffff0a000001 dc04 0c38",
    "fe80::1%1, fe80::2%1, 21210024 fe800000000000000000000000000001 fe800000000000000000000000000002 dc04 0c38",
  })
  void sendsTheAddressOfTheDevice(String device, String destination, String header) {
    DialContext dialContext =
        new DialContext(
            NEVER_RUN,
            new InetSocketAddress(device, 56324),
            new InetSocketAddress(destination, 3128),
            new SessionHoldings());
    assertThat(sent(dialContext)).isEqualTo(SIGNATURE + header.replace(" ", ""));
  }

  @Test
  void sendsALocalHeaderForConnectionsOfItsOwn() {
    assertThat(sent(DialContext.itself(NEVER_RUN))).isEqualTo(SIGNATURE + "20000000");
  }
}
