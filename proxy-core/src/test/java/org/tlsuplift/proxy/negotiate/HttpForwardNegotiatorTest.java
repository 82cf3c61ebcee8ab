package org.tlsuplift.proxy.negotiate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.testing.ChannelText;

/** The rewriting of plain HTTP requests, and the requests that are refused. */
class HttpForwardNegotiatorTest {
  private static final HostPort CRL = new HostPort("crl.example", 80);
  private static final TargetPolicy CRL_ONLY =
      new TargetPolicy() {
        @Override
        public Optional<NegotiationRefused> refusal(HostPort target) {
          throw new AssertionError("a plain request is not asked for so");
        }

        @Override
        public Optional<NegotiationRefused> forwardRefusal(HostPort target) {
          return target.host().equals(CRL.host())
              ? Optional.empty()
              : Optional.of(
                  new NegotiationRefused(CloseReason.NO_ROUTE, "no route forwards there", target));
        }
      };

  private final List<Object> events = new ArrayList<>();

  private EmbeddedChannel channel() {
    EmbeddedChannel channel = new EmbeddedChannel();
    new AcceptMode.HttpConnect().addNegotiators(channel.pipeline(), CRL_ONLY);
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                events.add(event);
              }
            });
    return channel;
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  private static String lines(String text) {
    return text.replace("~", "\r\n");
  }

  /** The request that goes to the origin. */
  private String sent(String request) {
    EmbeddedChannel channel = channel();
    channel.writeInbound(bytes(request));
    assertThat(ChannelText.heard(channel)).as("answered at once").isEmpty();
    channel.finishAndReleaseAll();
    return sent();
  }

  private String sent() {
    assertThat(events).singleElement().isInstanceOf(PlainRequest.class);
    FullHttpRequest message = ((PlainRequest) events.get(0)).message();
    EmbeddedChannel encoder = new EmbeddedChannel(new HttpRequestEncoder());
    encoder.writeOutbound(message.retain());
    String text = ChannelText.heard(encoder);
    encoder.finishAndReleaseAll();
    return text;
  }

  private String refused(String request) {
    EmbeddedChannel channel = channel();
    channel.writeInbound(bytes(request));
    String answer = ChannelText.heard(channel);
    assertThat(events).as(answer).singleElement().isInstanceOf(NegotiationRefused.class);
    // Bytes after the request get no response and are not forwarded.
    channel.writeInbound(bytes("GET http://crl.example/ HTTP/1.1\r\n\r\n"));
    assertThat(ChannelText.heard(channel)).isEmpty();
    assertThat(events).hasSize(1);
    assertThat(channel.<Object>readInbound()).isNull();
    channel.finishAndReleaseAll();
    return answer;
  }

  @Test
  void forwardsEndToEndHeadersOnly() {
    assertThat(
            sent(
                """
                GET http://CRL.example/DigiCert%20CA/sub.crl?full=1 HTTP/1.1\r
                Host: elsewhere.example\r
                User-Agent: printer\r
                Accept: */*\r
                If-Modified-Since: Tue, 24 Nov 2026 00:00:00 GMT\r
                Connection: Keep-Alive, X-Secret\r
                X-Secret: for the proxy\r
                Keep-Alive: 300\r
                Proxy-Connection: keep-alive\r
                Proxy-Authorization: Basic Z2VoZWlt\r
                TE: trailers\r
                Upgrade: h2c\r
                Via: 1.0 branch\r
                \r
                """))
        .isEqualTo(
            """
            GET /DigiCert%20CA/sub.crl?full=1 HTTP/1.1\r
            User-Agent: printer\r
            Accept: */*\r
            If-Modified-Since: Tue, 24 Nov 2026 00:00:00 GMT\r
            Via: 1.0 branch\r
            Host: crl.example\r
            Via: 1.1 tls-uplift\r
            Connection: close\r
            \r
            """);
    assertThat(((PlainRequest) events.get(0)).target()).isEqualTo(CRL);
  }

  @ParameterizedTest
  @CsvSource({
    "http://crl.example, /, crl.example",
    "HTTP://crl.example:80/, /, crl.example",
    "http://crl.example?a=b/c, /?a=b/c, crl.example",
    "http://crl.example:8080//x//, //x//, crl.example:8080",
    "http://crl.example./x, /x, crl.example",
    "http://crl.example/MEkwRzBFMEMwQTAJBgUrDgMCGgUABBQ%2Bt/+a==, /MEkwRzBFMEMwQTAJBgUrDgMCGgUABBQ%2Bt/+a==, crl.example",
  })
  void makesTheOriginFormOfTheAddress(String uri, String path, String host) {
    assertThat(sent("HEAD " + uri + " HTTP/1.1\r\nHost: a\r\n\r\n"))
        .startsWith("HEAD " + path + " HTTP/1.1\r\n")
        .contains("\r\nHost: " + host + "\r\n");
  }

  @Test
  void speaksOldHttpForAnOldDevice() {
    assertThat(sent(lines("GET http://crl.example/a.crl HTTP/1.0~~")))
        .isEqualTo(
            lines("GET /a.crl HTTP/1.0~Host: crl.example~Via: 1.0 tls-uplift~Connection: close~~"));
  }

  @Test
  void sendsChunkedContentWithALength() {
    String head = "POST http://crl.example/ocsp HTTP/1.1~Content-Type: application/ocsp-request";
    String chunks = "Transfer-Encoding: chunked~Trailer: X~~3;a=b~abc~4~defg~0~X: y~~";
    assertThat(sent(lines(head + "~" + chunks)))
        .isEqualTo(
            lines(
                "POST /ocsp HTTP/1.1~Content-Type: application/ocsp-request~Host: crl.example"
                    + "~Via: 1.1 tls-uplift~Connection: close~Content-Length: 7~~abcdefg"));
  }

  @Test
  void forwardsOnlyOneRequestSplitAtAnyByte() {
    String first =
        "POST http://crl.example/ocsp HTTP/1.1\r\nContent-Length: 5\r\nConnection:"
            + " keep-alive\r\n\r\nabcde";
    String second = "GET http://secret.example/ HTTP/1.1\r\nHost: secret.example\r\n\r\n";
    String all = first + second + second;
    for (int cut = 1; cut < all.length(); cut++) {
      events.clear();
      EmbeddedChannel channel = channel();
      channel.writeInbound(bytes(all.substring(0, cut)));
      if (cut < first.length()) {
        channel.writeInbound(bytes(all.substring(cut)));
      }
      assertThat(sent()).startsWith("POST /ocsp ").endsWith("\r\n\r\nabcde");
      assertThat(ChannelText.heard(channel)).isEmpty();
      assertThat(channel.<Object>readInbound()).as("cut at %s", cut).isNull();
      assertThat(channel.pipeline().names())
          .filteredOn(name -> name.startsWith("http"))
          .containsExactly("http-encoder");
      channel.finishAndReleaseAll();
    }
  }

  @Test
  void sends100ContinueIfTheDeviceExpectsIt() {
    EmbeddedChannel channel = channel();
    String waiting = "Content-Length: 2~Expect: 100-continue~~";
    channel.writeInbound(bytes(lines("POST http://crl.example/ HTTP/1.1~" + waiting)));
    assertThat(ChannelText.heard(channel)).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
    assertThat(events).isEmpty();
    channel.writeInbound(bytes("ab"));
    assertThat(sent()).doesNotContainIgnoringCase("expect").endsWith("\r\n\r\nab");
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "OPTIONS http://crl.example/ HTTP/1.1 | 405 | GET, HEAD and POST",
        "TRACE http://crl.example/ HTTP/1.1 | 405 | GET, HEAD and POST",
        "PUT http://crl.example/ HTTP/1.1 | 405 | GET, HEAD and POST",
        "PRI * HTTP/2.0 | 405 | GET, HEAD and POST",
        "get http://crl.example/ HTTP/1.1 | 400 | sent neither HTTP nor TLS",
        "GET http://crl.example/ HTTP/3.0 | 505 | HTTP/1.1 and HTTP/1.0",
        "GET / HTTP/1.1 | 400 | this is a proxy port",
        "GET * HTTP/1.1 | 400 | a proxy port",
        "GET crl.example/ HTTP/1.1 | 400 | http://host[:port]/path",
        "GET http:/crl.example/ HTTP/1.1 | 400 | http://host[:port]/path",
        "GET http://crl.example/#top HTTP/1.1 | 400 | http://host[:port]/path",
        "GET http://crl.example/\u00e4 HTTP/1.1 | 400 | http://host[:port]/path",
        "GET https://crl.example/ HTTP/1.1 | 501 | CONNECT host:443",
        "GET ftp://crl.example/ HTTP/1.1 | 501 | CONNECT host:443",
        "GET http://user:geheim@crl.example/ HTTP/1.1 | 400 | user name",
        "GET http://secret.example@crl.example/ HTTP/1.1 | 400 | user name",
        "GET http://@crl.example/ HTTP/1.1 | 400 | user name",
        "GET http:///path HTTP/1.1 | 400 | names no valid host",
        "GET http://crl.example:0/ HTTP/1.1 | 400 | names no valid host",
        "GET http://crl.example:65536/ HTTP/1.1 | 400 | names no valid host",
        "GET http://crl.example:/ HTTP/1.1 | 400 | names no valid host",
        "GET http://crl.example\\@secret.example/ HTTP/1.1 | 400 | user name",
        "GET http://crl%2eexample/ HTTP/1.1 | 400 | names no valid host",
        "GET http://::1/ HTTP/1.1 | 400 | names no valid host",
        "GET http://secret.example/ HTTP/1.1 | 403 | no route forwards there",
        "GET http://secret.example/ HTTP/1.1~Host: crl.example | 403 | no route forwards there",
        "GET http://[::1]:81/ HTTP/1.1 | 403 | no route forwards there",
        "GET http://crl.example/ HTTP/1.1~Via: 1.1 a, 1.1 TLS-Uplift (x) | 403 | has come through TLS Uplift before",
        "GET http://crl.example/ HTTP/1.1~Content-Length: 1~~x | 400 | only POST",
        "POST http://crl.example/ HTTP/1.1~Content-Length: 65537 | 413 | 65536 bytes",
        "POST http://crl.example/ HTTP/1.1~Content-Length: 99999999999 | 413 | 65536 bytes",
        "POST http://crl.example/ HTTP/1.1~Content-Length: 4~Transfer-Encoding: chunked~~0~~ | 400 | a Content-Length and a Transfer-Encoding",
        "POST http://crl.example/ HTTP/1.1~Transfer-Encoding: chunked~Content-Length: 4~~0~~ | 400 | a Content-Length and a Transfer-Encoding",
        "POST http://crl.example/ HTTP/1.1~Content-Length: 4~Content-Length: 5~~abcd | 400 | malformed",
        "POST http://crl.example/ HTTP/1.1~Content-Length: +4~~abcd | 400 | malformed",
        "POST http://crl.example/ HTTP/1.1~Content-Length: -1~~abcd | 400 | malformed",
        "POST http://crl.example/ HTTP/1.1~Transfer-Encoding: gzip, chunked~~0~~ | 501 | 'chunked'",
        "POST http://crl.example/ HTTP/1.1~Transfer-Encoding: chunked~Transfer-Encoding: chunked~~0~~ | 400 | malformed",
        "POST http://crl.example/ HTTP/1.1~Transfer-Encoding: identity~Content-Length: 1~~a | 400 | malformed",
        "POST http://crl.example/ HTTP/1.1~Transfer-Encoding: identity~~a | 400 | malformed",
        "POST http://crl.example/ HTTP/1.1~Transfer-Encoding: chunked, identity~~0~~ | 400 | malformed",
        "POST http://crl.example/ HTTP/1.1~Transfer-Encoding : chunked~~0~~ | 400 | malformed",
        "POST http://crl.example/ HTTP/1.0~Transfer-Encoding: chunked~~0~~ | 400 | malformed",
        "POST http://crl.example/ HTTP/1.1~Transfer-Encoding: chunked~~xyz~~ | 400 | malformed",
        "POST http://crl.example/ HTTP/1.1~Expect: the-unexpected~Content-Length: 1 | 417 | 100-continue",
        "GET http://crl.example/ HTTP/1.1~No colon in here | 400 | malformed",
        "NONSENSE | 400 | this is not an HTTP request",
      })
  void refusesWithAStatusAndAReason(String request, int status, String reason) {
    String answer = refused(lines(request + "~~"));
    assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains(reason);
    assertThat(answer).contains("\r\nConnection: close\r\n").doesNotContain("geheim");
    assertThat(answer.contains("\r\nAllow: CONNECT, GET, HEAD, POST\r\n")).isEqualTo(status == 405);
    assertThat(answer.substring(answer.indexOf("\r\n\r\n")).strip()).hasLineCount(1);
  }

  @Test
  void refusalNamesTheRequestedTarget() {
    refused("GET http://secret.example:81/ HTTP/1.1\r\n\r\n");
    assertThat(events)
        .containsExactly(
            new NegotiationRefused(
                CloseReason.NO_ROUTE,
                "no route forwards there",
                new HostPort("secret.example", 81)));
    events.clear();
    refused("GET http://crl.example/ HTTP/1.1\r\nVia: 1.1 tls-uplift\r\n\r\n");
    assertThat(((NegotiationRefused) events.get(0)).reason()).isEqualTo(CloseReason.LOOP);
  }

  @Test
  void anAddressWithoutAPathAsksForTheRoot() throws Exception {
    assertThat(RequestTarget.parse("http://crl.example")).isEqualTo(new RequestTarget(CRL, "/"));
  }

  /**
   * By RFC 9112 section 3 and RFC 6585 section 5, so that the user of the device learns which is
   * too long.
   */
  @Test
  void refusesALongRequestLineAndALongHeader() {
    String line = "GET http://crl.example/";
    assertThat(refused(line + "a".repeat(8192) + " HTTP/1.1\r\n\r\n"))
        .startsWith("HTTP/1.1 414 ")
        .contains("the request line is too long");
    events.clear();
    assertThat(refused(line + " HTTP/1.1\r\nX: " + "a".repeat(8192) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431 ")
        .contains("the header is too large");
  }

  /** A policy that only decides about CONNECT does not allow plain HTTP. */
  @Test
  void policyForwardsNoPlainHttpByDefault() {
    TargetPolicy all = target -> Optional.empty();
    assertThat(all.forwardRefusal(CRL))
        .contains(
            new NegotiationRefused(
                CloseReason.NO_ROUTE, "plain HTTP is not forwarded to crl.example:80", CRL));
  }

  @Test
  void writesTheResponseHeadAndThenTheContentUnchanged() {
    EmbeddedChannel channel = channel();
    channel.writeInbound(bytes("GET http://crl.example/ HTTP/1.1\r\n\r\n"));
    sent();
    HttpResponses.begin(
        channel, new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    channel.writeOutbound(bytes("content"));
    assertThat(ChannelText.heard(channel)).isEqualTo("HTTP/1.1 200 OK\r\n\r\ncontent");
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1000, 65536})
  void boundsChunkedContent(int chunk) {
    String head = "POST http://crl.example/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    EmbeddedChannel channel = channel();
    channel.writeInbound(bytes(head));
    String piece = Integer.toHexString(chunk) + "\r\n" + "x".repeat(chunk) + "\r\n";
    int sent = 0;
    while (events.isEmpty() && sent <= ForwardableRequest.MAX_CONTENT) {
      channel.writeInbound(bytes(piece));
      sent += chunk;
    }
    assertThat(sent).isGreaterThan(ForwardableRequest.MAX_CONTENT);
    assertThat(sent - chunk).isLessThanOrEqualTo(ForwardableRequest.MAX_CONTENT);
    assertThat(ChannelText.heard(channel)).startsWith("HTTP/1.1 413 ");
    channel.finishAndReleaseAll();
  }

  @Test
  void acceptsContentOfTheMaximumSize() {
    String content = "x".repeat(ForwardableRequest.MAX_CONTENT);
    assertThat(sent("POST http://crl.example/ HTTP/1.1\r\nContent-Length: 65536\r\n\r\n" + content))
        .endsWith("\r\n\r\n" + content);
  }
}
