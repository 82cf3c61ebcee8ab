package org.tlsuplift.proxy.negotiate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;

class RedirectedNegotiatorTest {
  private final List<Object> events = new ArrayList<>();

  /** A socket with a given local address. */
  private static final class Socket extends EmbeddedChannel {
    private final InetSocketAddress local;

    private Socket(@Nullable Channel listener, InetSocketAddress local) {
      super(listener, DefaultChannelId.newInstance(), true, false);
      this.local = local;
    }

    @Override
    public SocketAddress localAddress() {
      return local;
    }
  }

  private EmbeddedChannel connect(@Nullable InetSocketAddress destination, TargetPolicy policy) {
    return connect(new EmbeddedChannel(), destination, policy);
  }

  private EmbeddedChannel connect(
      EmbeddedChannel channel, @Nullable InetSocketAddress destination, TargetPolicy policy) {
    new AcceptMode.Transparent(new KnownDestination(destination))
        .addNegotiators(channel.pipeline(), policy);
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                events.add(event);
              }
            });
    channel.pipeline().fireChannelActive();
    return channel;
  }

  /** A kernel that reports this destination. */
  private record KnownDestination(@Nullable InetSocketAddress where) implements Redirection {
    @Override
    public Optional<InetSocketAddress> destination(io.netty.channel.Channel device) {
      return Optional.ofNullable(where);
    }

    @Override
    public boolean needsTransparentSocket() {
      return false;
    }

    @Override
    public String label() {
      return "redirect";
    }
  }

  private static TargetPolicy everything() {
    return target -> Optional.empty();
  }

  @Test
  void namesTheAddressOfTheOrigin() {
    EmbeddedChannel channel = connect(new InetSocketAddress("203.0.113.10", 443), everything());
    assertThat(events).containsExactly(new Negotiated(new HostPort("203.0.113.10", 443)));
    assertThat(channel.pipeline().get("redirected")).isNull();
    assertThat(channel.finish()).isFalse();
  }

  @Test
  void namesAnIpv6AddressInItsShortForm() {
    connect(new InetSocketAddress("2001:db8:0:0:0:0:0:10", 993), everything());
    assertThat(events).containsExactly(new Negotiated(new HostPort("2001:db8::10", 993)));
  }

  @Test
  void refusesADeviceThatWasNotRedirected() {
    connect(null, everything());
    assertThat(events)
        .singleElement()
        .satisfies(
            event -> {
              NegotiationRefused refused = (NegotiationRefused) event;
              assertThat(refused.reason()).isEqualTo(CloseReason.NOT_REDIRECTED);
              assertThat(refused.detail())
                  .startsWith("connected directly to ")
                  .contains("check the nft rule (config/nftables/redirect.nft)")
                  .doesNotContain("\n");
            });
  }

  /** The interface of a link-local address is irrelevant for routes. */
  @Test
  void namesALinkLocalAddressWithoutItsZone() throws Exception {
    byte[] linkLocal = InetAddress.getByName("fe80::1").getAddress();
    connect(
        new InetSocketAddress(Inet6Address.getByAddress(null, linkLocal, 1), 443), everything());
    assertThat(events).containsExactly(new Negotiated(new HostPort("fe80::1", 443)));
  }

  @Test
  void namesTheAddressOfADirectConnection() {
    connect(new Socket(null, new InetSocketAddress("10.0.0.1", 8443)), null, everything());
    assertThat(((NegotiationRefused) events.get(0)).detail())
        .contains("connected directly to 10.0.0.1:8443");
    events.clear();
    connect(null, everything());
    assertThat(((NegotiationRefused) events.get(0)).detail())
        .contains("connected directly to this port");
  }

  /** With tproxy, a device that connects directly to this port looks redirected. */
  @Test
  void reportsADirectConnectionToTheListenersPortAsNotRedirected() {
    Socket listener = new Socket(null, new InetSocketAddress("0.0.0.0", 8443));
    InetSocketAddress own = new InetSocketAddress("10.0.0.1", 8443);
    InetSocketAddress origin = new InetSocketAddress("203.0.113.10", 443);
    NegotiationRefused loop = new NegotiationRefused(CloseReason.LOOP, "that is us", null);
    connect(new Socket(listener, own), own, target -> Optional.of(loop));
    assertThat(events)
        .singleElement()
        .isInstanceOfSatisfying(
            NegotiationRefused.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo(CloseReason.NOT_REDIRECTED);
              assertThat(refused.detail()).contains("connected directly to 10.0.0.1:8443");
              assertThat(refused.target()).isEqualTo(new HostPort("10.0.0.1", 8443));
            });
    events.clear();
    connect(new Socket(listener, origin), origin, target -> Optional.of(loop));
    assertThat(events).as("another port").containsExactly(loop);
    events.clear();
    connect(new Socket(listener, own), own, everything());
    assertThat(events)
        .as("a port that a route allows")
        .containsExactly(new Negotiated(new HostPort("10.0.0.1", 8443)));
  }

  @Test
  void refusesADeviceThatIsRedirectedToThisProxy() {
    NegotiationRefused loop = new NegotiationRefused(CloseReason.LOOP, "that is us", null);
    connect(new InetSocketAddress("203.0.113.10", 443), target -> Optional.of(loop));
    assertThat(events).containsExactly(loop);
  }

  @Test
  void transportWithoutRedirectionHasNoDestination() {
    EmbeddedChannel other = new EmbeddedChannel();
    assertThat(Redirection.redirect().destination(other)).isEmpty();
    assertThat(Redirection.tproxy().destination(other)).isEmpty();
    assertThat(other.finish()).isFalse();
  }
}
