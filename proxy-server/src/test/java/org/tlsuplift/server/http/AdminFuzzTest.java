package org.tlsuplift.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.testing.Fuzzed.assertOneLine;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.testing.Fuzzed;
import org.tlsuplift.proxy.testing.Fuzzed.Outcome;

/** Any bytes on the admin port. */
class AdminFuzzTest {
  /** A request's head and the read that comes on top, twice while a buffer grows. */
  private static final int MAX_HELD = 1 << 16;

  private static final String SERVED = "HTTP/1.1 204 No Content\r\n\r\n";
  private static final String REFUSED = "HTTP/1.1 400 Bad Request\r\n\r\n";

  /** The responses to requests that passed, and the refusal that ends the connection. */
  private static final Pattern ANSWERS =
      Pattern.compile(
          "(?<served>(%s)*+)(?<refused>HTTP/1\\.1 (400|414|431|505) .*)?".formatted(SERVED),
          Pattern.DOTALL);

  /** Netty skips these before a request line. */
  private static final Pattern LEADING = Pattern.compile("^[\\x00- \\x7f-\\x9f]+");

  private static final Resource ANY = request -> Response.line(200, "");
  private static final ResourceTable ROUTES =
      new ResourceTable(
          List.of(
              new ResourcePath("/devices", ANY),
              new ResourcePath("/devices/{address}", ANY),
              new ResourcePath("/devices/{address}/days.csv", ANY),
              new ResourcePath(ResourcePath.FALLBACK, ANY)));

  /** Each request that passes is HTTP that can be read, and nothing passes after a refusal. */
  @FuzzTest
  void requests(byte[] bytes) {
    Outcome outcome = Fuzzed.inEachSplit(bytes, pieces -> requested(bytes.length, pieces));
    assertThat(outcome.passed()).isEmpty();
    Matcher answers = ANSWERS.matcher(text(outcome.answered()));
    assertThat(answers.matches()).as(text(outcome.answered())).isTrue();
    // The body of the last request may be incomplete.
    assertThat(outcome.events().size() - answers.group("served").length() / SERVED.length())
        .isBetween(0, 1);
    if (!outcome.events().isEmpty()) {
      String first = outcome.events().get(0).toString();
      assertThat(LEADING.matcher(new String(bytes, ISO_8859_1)).replaceFirst("").split("\\s+", -1))
          .startsWith(first.split(" ", -1));
    }
  }

  /** If a head is both too long and malformed, the reason depends on the size of the reads. */
  private static Outcome requested(int length, List<byte[]> pieces) {
    ConnectionQuota connectionQuota =
        new ConnectionQuota(AdminLimits.DEFAULT, Ticker.systemTicker());
    Outcome outcome =
        Fuzzed.sendPieces(
            pieces,
            MAX_HELD,
            (pipeline, reports) -> {
              ConnectionQuota.Place place =
                  connectionQuota.admit(new Client(), any -> false).orElseThrow();
              pipeline.addLast(
                  new HttpServerCodec(
                      new HttpDecoderConfig()
                          .setMaxInitialLineLength(AdminLimits.MAX_REQUEST_LINE)
                          .setMaxHeaderSize(AdminLimits.MAX_HEADERS)),
                  new RequestGate(
                      place, Duration.ofMinutes(5), Duration.ofMinutes(5), Map.of("X-Of-All", "1")),
                  new Requests(reports));
            });
    Matcher answers = ANSWERS.matcher(text(outcome.answered()));
    boolean refused = answers.matches() && answers.group("refused") != null;
    return refused && length > AdminLimits.MAX_REQUEST_LINE
        ? new Outcome(
            outcome.passed(),
            Fuzzed.digits((answers.group("served") + REFUSED).getBytes(ISO_8859_1)),
            outcome.events())
        : outcome;
  }

  private static String text(String digits) {
    return new String(HexFormat.of().parseHex(digits), ISO_8859_1);
  }

  /** Takes the place of the dispatcher, and answers at once. */
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
        assertThat(request.protocolVersion().majorVersion()).isEqualTo(1);
        reports.accept(request.method() + " " + request.uri());
      }
      if (message instanceof LastHttpContent) {
        var unused =
            ctx.writeAndFlush(
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.NO_CONTENT));
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
              target,
              new DefaultHttpHeaders().set("X-One", "1").set("Authorization", "secret"),
              found.map(ResourceTable.Match::variable).orElse(""),
              Visitor.ANYONE);
      assertThat(request.path()).isEqualTo(path);
      assertThat(request.parameters().values().stream().mapToInt(List::size).sum())
          .isLessThanOrEqualTo(32);
      assertThat(request.headers()).isEqualTo(Map.of("x-one", List.of("1")));
    } catch (IllegalArgumentException malformed) {
      // The declared refusal.
      assertThat(malformed).hasMessageContaining("%").isNotInstanceOf(NumberFormatException.class);
    }
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

  /** The fields of an import, in both encodings. */
  @FuzzTest
  void forms(byte[] bytes) {
    Request head = new Request("/import", "", Map.of(), Map.of());
    for (String type : List.of("multipart/form-data; boundary=b", "")) {
      try {
        Request form =
            RequestReader.form(
                head, new DefaultHttpHeaders().set("Content-Type", type), bytes, true);
        assertThat(form.parameters().values().stream().mapToInt(List::size).sum())
            .isLessThanOrEqualTo(200);
      } catch (BadRequestException malformed) {
        // The declared refusal.
        assertThat(malformed).hasMessage("the encoding of the form is invalid");
      }
    }
  }
}
