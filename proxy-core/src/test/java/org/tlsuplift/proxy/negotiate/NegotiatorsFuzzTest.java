package org.tlsuplift.proxy.negotiate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.testing.Fuzzed.assertOneLine;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.testing.Fuzzed;
import org.tlsuplift.proxy.testing.Fuzzed.Outcome;

/** Any bytes that devices may send in a negotiation. */
class NegotiatorsFuzzTest {
  /** The largest content of a request, its header and one more read, twice. */
  private static final int MAX_HELD = 1 << 19;

  private static final SocksUsers USERS = new SocksUsers(Map.of("scanner", "hunter2"));

  /** Only one host can be reached, so that refusals are tested too. */
  private static final TargetPolicy POLICY =
      new TargetPolicy() {
        @Override
        public Optional<NegotiationRefused> refusal(HostPort target) {
          return target.host().startsWith("m")
              ? Optional.empty()
              : Optional.of(new NegotiationRefused(CloseReason.NO_ROUTE, "no route", target));
        }

        @Override
        public Optional<NegotiationRefused> forwardRefusal(HostPort target) {
          return refusal(target);
        }
      };

  @FuzzTest
  void socks(byte[] bytes) {
    check(bytes, pipeline -> Negotiators.addSocks(pipeline, POLICY, SocksUsers.NONE));
  }

  @FuzzTest
  void socksWithUsers(byte[] bytes) {
    check(bytes, pipeline -> Negotiators.addSocks(pipeline, POLICY, USERS));
  }

  /** CONNECT, and requests in plain HTTP. */
  @FuzzTest
  void http(byte[] bytes) {
    check(bytes, pipeline -> Negotiators.addHttp(pipeline, POLICY));
  }

  /** Version 1 or 2; SOCKS follows. */
  @FuzzTest
  void proxyHeader(byte[] bytes) {
    check(bytes, Negotiators::addProxyHeader);
  }

  private static void check(byte[] bytes, Consumer<ChannelPipeline> handlers) {
    Outcome outcome =
        Fuzzed.send(
            bytes,
            MAX_HELD,
            (pipeline, reports) -> {
              handlers.accept(pipeline);
              pipeline.addLast(new Next());
            });
    List<Object> ends =
        outcome.events().stream()
            .filter(event -> !(event instanceof ProxyHeader || event instanceof SocksUsers.User))
            .toList();
    assertThat(ends).hasSizeLessThanOrEqualTo(1);
    // Before the end, at most one of each kind.
    assertThat(outcome.events().stream().filter(event -> !ends.contains(event)))
        .extracting(Object::getClass)
        .doesNotHaveDuplicates();
    Object end = ends.isEmpty() ? null : ends.get(0);
    if (end instanceof Negotiated) {
      assertThat(Fuzzed.digits(bytes)).endsWith(outcome.passed());
    } else {
      assertThat(outcome.passed()).isEmpty();
    }
    if (end instanceof NegotiationRefused refused) {
      assertOneLine(refused.detail());
    } else if (end instanceof PlainRequest request) {
      assertThat(request.message().headers().getAll("Host")).hasSize(1);
      assertThat(request.message().uri()).startsWith("/").matches("[!-~]*");
      assertThat(request.message().content().readableBytes())
          .isLessThanOrEqualTo(ForwardableRequest.MAX_CONTENT);
    }
  }

  /** Acts like a session: SOCKS follows a PROXY header, and nothing follows a request. */
  private static final class Next extends ChannelInboundHandlerAdapter {
    private boolean requested;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (requested) {
        ReferenceCountUtil.release(message);
      } else {
        ctx.fireChannelRead(message);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      ctx.fireUserEventTriggered(event);
      requested |= event instanceof PlainRequest;
      if (event instanceof ProxyHeader) {
        ctx.pipeline()
            .addAfter(
                ctx.name(), "socks-version", new SocksVersionNegotiator(POLICY, SocksUsers.NONE));
      }
    }
  }
}
