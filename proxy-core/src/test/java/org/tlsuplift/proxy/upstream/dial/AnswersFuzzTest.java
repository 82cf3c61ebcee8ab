package org.tlsuplift.proxy.upstream.dial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.testing.Fuzzed.assertOneLine;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.proxy.ProxyConnectionEvent;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.negotiate.PlainRequest;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.proxy.testing.Fuzzed;
import org.tlsuplift.proxy.testing.Fuzzed.Outcome;

/** Any bytes of origins in plain HTTP and of upstream proxies. */
class AnswersFuzzTest {
  private static final HostPort ORIGIN = new HostPort("mail.example", 80);
  private static final HostPort PROXY = new HostPort("127.0.0.1", 3128);
  private static final String SECRET = "hunter2";
  private static final UpstreamProxy.Credentials USER =
      new UpstreamProxy.Credentials("scanner", SECRET);

  /** The head of a response and one more read, twice because a growing buffer is copied. */
  private static final int MAX_HELD = 1 << 17;

  @FuzzTest
  void toPlainRequest(byte[] bytes) {
    Outcome outcome =
        Fuzzed.send(
            bytes,
            MAX_HELD,
            (pipeline, reports) ->
                pipeline
                    .addLast(new Requester(reports))
                    .addLast(UpstreamInitializer.HOLD, new ChannelInboundHandlerAdapter()));
    assertThat(outcome.events()).hasSize(1);
    if (!String.valueOf(outcome.events().get(0)).startsWith("DefaultHttpResponse")) {
      assertThat(outcome.passed()).isEmpty();
    } else {
      assertThat(Fuzzed.digits(bytes)).endsWith(outcome.passed());
    }
  }

  /** Sends a request when it is connected, and reports the head of the response. */
  private static final class Requester extends ChannelInboundHandlerAdapter {
    private final Consumer<Object> reports;

    Requester(Consumer<Object> reports) {
      this.reports = reports;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      Promise<ForwardedResponse> answer = ctx.executor().newPromise();
      answer.addListener(
          done -> {
            if (answer.isSuccess()) {
              String head = answer.getNow().head().toString();
              assertThat(head).contains("Connection: close").doesNotContain("\nUpgrade:");
              reports.accept(head);
            } else {
              assertOneLine(String.valueOf(answer.cause().getMessage()));
              reports.accept(answer.cause().getMessage());
            }
          });
      HttpExchange.start(
          ctx.channel(),
          new PlainRequest(
              ORIGIN, new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/")),
          null,
          answer,
          Duration.ofMinutes(5));
    }
  }

  @FuzzTest
  void ofHttpProxy(byte[] bytes) {
    checkProxy(UpstreamProxy.Protocol.HTTP, bytes);
  }

  @FuzzTest
  void ofSocksProxy(byte[] bytes) {
    checkProxy(UpstreamProxy.Protocol.SOCKS5, bytes);
  }

  private static void checkProxy(UpstreamProxy.Protocol protocol, byte[] bytes) {
    UpstreamProxy via = new UpstreamProxy(protocol, PROXY, USER);
    Outcome outcome = Fuzzed.inEachSplit(bytes, pieces -> connect(via, pieces));
    assertThat(outcome.events()).hasSizeLessThanOrEqualTo(1);
    assertThat(Fuzzed.digits(bytes)).endsWith(outcome.passed());
  }

  /**
   * Bytes that the handler passes on after a failure are lost, because the channel is closed then.
   */
  private static Outcome connect(UpstreamProxy via, List<byte[]> pieces) {
    Outcome outcome =
        Fuzzed.sendPieces(
            pieces,
            MAX_HELD,
            (pipeline, reports) ->
                pipeline.addLast(
                    handler(new Hop.Through(via, ORIGIN, true)), new Answer(via, reports)));
    return outcome.events().contains("connected")
        ? outcome
        : new Outcome("", outcome.answered(), outcome.events());
  }

  /** A handler in the state after its channel has been connected to the proxy. */
  private static ProxyHandler handler(Hop.Through hop) {
    ProxyHandler handler = hop.handler(new InetSocketAddress("127.0.0.1", PROXY.port()));
    EmbeddedChannel other = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    try {
      handler.connect(other.pipeline().firstContext(), hop.destination(), null, other.newPromise());
    } catch (Exception impossible) {
      throw new IllegalStateException(impossible);
    }
    other.finishAndReleaseAll();
    return handler;
  }

  /** Reports the result. */
  private static final class Answer extends ChannelInboundHandlerAdapter {
    private final UpstreamProxy via;
    private final Consumer<Object> reports;

    Answer(UpstreamProxy via, Consumer<Object> reports) {
      this.via = via;
      this.reports = reports;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof ProxyConnectionEvent) {
        reports.accept("connected");
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      UpstreamProxyFailure answer = UpstreamProxyFailure.of(via, ORIGIN, cause);
      assertOneLine(answer.why().text());
      assertThat(answer.why().text()).doesNotContain(SECRET);
      reports.accept(answer);
    }
  }
}
