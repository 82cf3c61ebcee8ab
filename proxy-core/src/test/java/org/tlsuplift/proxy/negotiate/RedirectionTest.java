package org.tlsuplift.proxy.negotiate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The socket options that are read from the kernel, and the meaning of their values. */
class RedirectionTest {
  private static final InetSocketAddress IPV4 = new InetSocketAddress("10.0.0.1", 8443);
  private static final InetSocketAddress IPV6 = new InetSocketAddress("2001:db8::1", 8443);

  /** sockaddr_in of 203.0.113.10:443 and of 10.0.0.1:8443; sockaddr_in6 of [2001:db8::10]:993. */
  private static final String ORIGIN4 = "01bbcb00710a0000000000000000";

  private static final String OWN4 = "20fb0a0000010000000000000000";
  private static final String ORIGIN6 = "03e10000000020010db800000000000000000000001000000000";

  private final List<String> asked = new ArrayList<>();

  /** A connection to an address, with the kernel's original destination. */
  private final class Connection extends EmbeddedChannel {
    private final SocketAddress local;
    private final Supplier<@Nullable ByteBuffer> answer;

    private Connection(SocketAddress local, Supplier<@Nullable ByteBuffer> answer) {
      this.local = local;
      this.answer = answer;
    }

    @Override
    public SocketAddress localAddress() {
      return local;
    }

    @Override
    public ChannelConfig config() {
      return new DefaultChannelConfig(this) {
        @Override
        @SuppressWarnings("unchecked")
        public <T> T getOption(ChannelOption<T> option) {
          if (option instanceof RawUnixChannelOption raw) {
            asked.add(raw.level() + "/" + raw.optname() + "/" + raw.length());
            return (T) answer.get();
          }
          return super.getOption(option);
        }
      };
    }
  }

  private static ByteBuffer address(int family, String rest) {
    byte[] behind = HexFormat.of().parseHex(rest);
    return ByteBuffer.allocateDirect(2 + behind.length)
        .order(ByteOrder.nativeOrder())
        .putShort((short) family)
        .put(behind)
        .rewind();
  }

  private @Nullable InetSocketAddress redirected(
      SocketAddress local, Supplier<@Nullable ByteBuffer> answer) {
    Connection device = new Connection(local, answer);
    try {
      return Redirection.redirect().destination(device).orElse(null);
    } finally {
      device.finishAndReleaseAll();
    }
  }

  /** The numbers of linux/in.h, linux/in6.h and linux/netfilter_ipv4.h. */
  @Test
  void asksForTheOriginalDestinationOfItsFamily() {
    assertThat(redirected(IPV4, () -> address(2, ORIGIN4)))
        .isEqualTo(new InetSocketAddress("203.0.113.10", 443));
    assertThat(redirected(IPV6, () -> address(10, ORIGIN6)))
        .isEqualTo(new InetSocketAddress("2001:db8::10", 993));
    assertThat(asked).containsExactly("0/80/16", "41/80/28");
  }

  @Test
  void aConnectionToThisVeryPortWasNotRedirected() {
    assertThat(redirected(IPV4, () -> address(2, OWN4))).isNull();
  }

  @Test
  void aConnectionUnknownToTheKernelWasNotRedirected() {
    assertThat(redirected(IPV4, () -> null)).isNull();
    assertThat(
            redirected(
                IPV4,
                () -> {
                  throw new ChannelException("ENOENT");
                }))
        .isNull();
  }

  @Test
  void underTproxyTheAddressOfTheSocketIsTheOrigins() {
    Connection device = new Connection(IPV6, () -> null);
    assertThat(Redirection.tproxy().destination(device)).contains(IPV6);
    assertThat(asked).isEmpty();
    device.finishAndReleaseAll();
  }

  /** IP_TRANSPARENT needs a capability, so it is set only if necessary. */
  @Test
  void onlyTproxyNeedsATransparentSocket() {
    assertThat(Redirection.tproxy().needsTransparentSocket()).isTrue();
    assertThat(Redirection.redirect().needsTransparentSocket()).isFalse();
  }

  /** Each is the value of 'transparent' and the name of a file in config/nftables. */
  @Test
  void hasTheNameOfTheConfiguration() {
    assertThat(Redirection.redirect().label()).isEqualTo("redirect");
    assertThat(Redirection.tproxy().label()).isEqualTo("tproxy");
  }
}
