package org.tlsuplift.server.admin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.testing.Fuzzed.assertOneLine;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.ReferenceCountUtil;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.tlsuplift.proxy.testing.Fuzzed;
import org.tlsuplift.proxy.testing.Fuzzed.Outcome;
import org.tlsuplift.server.web.Request;
import org.tlsuplift.server.web.Resource;
import org.tlsuplift.server.web.ResourcePath;
import org.tlsuplift.server.web.Response;
import reactor.netty.http.server.HttpServerRequest;

/** Any bytes on the admin port. */
class AdminFuzzTest {
  /** A request's head and the read that comes on top, twice while a buffer grows. */
  private static final int MAX_HELD = 1 << 16;

  private static final Resource ANY = request -> Response.line(200, "");
  private static final ResourceTable ROUTES =
      new ResourceTable(
          List.of(
              new ResourcePath("/devices", ANY),
              new ResourcePath("/devices/{address}", ANY),
              new ResourcePath("/devices/{address}/days.csv", ANY),
              new ResourcePath(ResourcePath.ANYWHERE_ELSE, ANY)));

  /** What passes the gate is HTTP that can be read, and after a refusal nothing passes. */
  @FuzzTest
  void requests(byte[] bytes) {
    ConnectionQuota connectionQuota =
        new ConnectionQuota(AdminLimits.DEFAULT, Ticker.systemTicker());
    Outcome outcome =
        Fuzzed.send(
            bytes,
            MAX_HELD,
            (pipeline, reports) -> {
              ConnectionQuota.Place place = connectionQuota.admit(new Client()).orElseThrow();
              pipeline.addLast(
                  new HttpServerCodec(
                      new HttpDecoderConfig()
                          .setMaxInitialLineLength(AdminLimits.MAX_REQUEST_LINE)
                          .setMaxHeaderSize(AdminLimits.MAX_HEADERS)),
                  new RequestGate(place, Duration.ofMinutes(5), Map.of("X-Of-All", "1")),
                  new Requests(reports));
            });
    assertThat(outcome.passed()).isEmpty();
    assertThat(outcome.answered())
        .matches(outcome.answered().isEmpty() ? "" : "485454502f312e31.*");
  }

  /** Takes the place of the HTTP library, and never answers. */
  private static final class Requests extends ChannelInboundHandlerAdapter {
    private final Consumer<Object> reports;

    Requests(Consumer<Object> reports) {
      this.reports = reports;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof HttpRequest request) {
        assertThat(request.decoderResult().isSuccess()).isTrue();
        assertThat(request.uri()).matches("[!-~]+");
        reports.accept(request.method() + " " + request.uri());
      }
      ReferenceCountUtil.release(message);
    }
  }

  /** A connection from an address. */
  private static final class Client extends EmbeddedChannel {
    @Override
    protected SocketAddress remoteAddress0() {
      return new InetSocketAddress("192.0.2.1", 40000);
    }
  }

  /** A path with a query. */
  @FuzzTest
  void targets(byte[] bytes) {
    String target = "/" + new String(bytes, ISO_8859_1);
    String path = target.split("[?#]", 2)[0];
    try {
      Optional<ResourceTable.Match> found = ROUTES.find(path);
      Request request =
          RequestReader.read(
              request(target, path), found.map(ResourceTable.Match::variable).orElse(""));
      assertThat(request.parameters().values().stream().mapToInt(List::size).sum())
          .isLessThanOrEqualTo(32);
      assertThat(request.headers()).isEqualTo(Map.of("x-one", List.of("1")));
    } catch (IllegalArgumentException malformed) {
      // The declared refusal.
      assertThat(malformed).hasMessageContaining("%").isNotInstanceOf(NumberFormatException.class);
    }
  }

  /** The library's view of a request. */
  private static HttpServerRequest request(String uri, String path) {
    return (HttpServerRequest)
        Proxy.newProxyInstance(
            AdminFuzzTest.class.getClassLoader(),
            new Class<?>[] {HttpServerRequest.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "uri" -> uri;
                  case "fullPath" -> path;
                  case "requestHeaders" ->
                      new DefaultHttpHeaders().set("X-One", "1").set("Authorization", "secret");
                  default -> throw new AssertionError(method);
                });
  }

  /** Values of the headers by which access is decided. */
  @FuzzTest
  void headers(byte[] bytes) {
    String value = new String(bytes, ISO_8859_1);
    AdminCredential.parse(value)
        .ifPresent(adminCredential -> assertOneLine(adminCredential.toString()));
    boolean allowed =
        new AdminAccessFilter.HostCheck(Set.of("proxy.example")).allows("/", List.of(value));
    assertThat(
            !allowed
                || value.matches(
                    "(?i)(\\[[0-9a-f.:%a-z]+]|[0-9.]+|localhost\\.?|proxy\\.example\\.?)(:[0-9]*)?"))
        .as(value)
        .isTrue();
  }
}
