package org.tlsuplift.proxy.negotiate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.HostPort;

class RedirectedNegotiatorTest {
  private final List<Object> events = new ArrayList<>();

  private EmbeddedChannel connect(@Nullable InetSocketAddress destination, TargetPolicy policy) {
    EmbeddedChannel channel = new EmbeddedChannel();
    Negotiators.addRedirected(channel.pipeline(), new Told(destination), policy);
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

  /** A kernel that says this. */
  private record Told(@Nullable InetSocketAddress where) implements Redirection {
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
  void namesAnIpv6AddressAsRoutesAndPeopleWriteIt() {
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
                  .startsWith("not redirected: ")
                  .contains("check the nft rule (config/nftables/redirect.nft)")
                  .doesNotContain("\n");
            });
  }

  @Test
  void refusesWhatIsRedirectedToThisProxy() {
    NegotiationRefused loop = new NegotiationRefused(CloseReason.LOOP, "that is us", null);
    connect(new InetSocketAddress("203.0.113.10", 443), target -> Optional.of(loop));
    assertThat(events).containsExactly(loop);
  }

  @Test
  void askingATransportThatCannotTellIsNotBeingRedirected() {
    EmbeddedChannel other = new EmbeddedChannel();
    assertThat(Redirection.redirect().destination(other)).isEmpty();
    assertThat(Redirection.tproxy().destination(other)).isEmpty();
    assertThat(other.finish()).isFalse();
  }
}
