package org.tlsuplift.proxy.negotiate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.testing.ChannelText;

class HttpNegotiatorTest {
  private static final HostPort TARGET = new HostPort("mail.example.test", 443);

  /** Like the start of a ClientHello, with bytes that HTTP could read as a line. */
  private static final byte[] HELLO = {0x16, 3, 1, 0, 8, '\r', '\n', '\r', '\n', ' ', 'G', 'E', 0};

  private final List<Object> events = new ArrayList<>();

  private EmbeddedChannel channel(TargetPolicy policy) {
    EmbeddedChannel channel = new EmbeddedChannel();
    new AcceptMode.HttpConnect().addNegotiators(channel.pipeline(), policy);
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

  private static byte[] inbound(EmbeddedChannel channel) {
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
      all.writeBytes(part);
      part.release();
    }
    return ByteBufUtil.getBytes(all);
  }

  @Test
  void forwardsBytesAfterTheRequestSplitAtAnyByte() {
    byte[] head =
        ("CONNECT " + TARGET + " HTTP/1.0\r\nUser-Agent: printer\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] all = ByteBufUtil.getBytes(Unpooled.wrappedBuffer(head, HELLO));
    for (int cut = 1; cut < all.length; cut++) {
      events.clear();
      EmbeddedChannel channel = channel(target -> Optional.empty());
      channel.writeInbound(Unpooled.copiedBuffer(all, 0, cut));
      channel.writeInbound(Unpooled.copiedBuffer(all, cut, all.length - cut));
      assertThat(events).containsExactly(new Negotiated(TARGET));
      assertThat(ChannelText.heard(channel))
          .isEqualTo("HTTP/1.1 200 Connection established\r\n\r\n");
      assertThat(inbound(channel)).isEqualTo(HELLO);
      assertThat(channel.pipeline().names()).noneMatch(name -> name.startsWith("http-"));
      channel.finish();
    }
  }

  private String answer(String request) {
    events.clear();
    EmbeddedChannel channel = channel(target -> Optional.empty());
    channel.writeInbound(Unpooled.copiedBuffer(request, StandardCharsets.ISO_8859_1));
    String answer = ChannelText.heard(channel);
    channel.finishAndReleaseAll();
    return answer;
  }

  @ParameterizedTest
  @ValueSource(strings = {"mail.example.test", "::1:443", "mail.example.test:0", "/", "a b:443"})
  void refusesInvalidTargets(String target) {
    assertThat(answer("CONNECT " + target + " HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    assertThat(events).singleElement().isInstanceOf(NegotiationRefused.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/0.1", "HTTP/2.0"})
  void refusesAnotherVersionOfHttp(String version) {
    assertThat(answer("CONNECT " + TARGET + " " + version + "\r\n\r\n"))
        .startsWith("HTTP/1.1 505 ")
        .contains("this proxy supports HTTP/1.1 and HTTP/1.0");
    assertThat(events).singleElement().isInstanceOf(NegotiationRefused.class);
  }

  @Test
  void explainsTheFormOfATarget() {
    assertThat(answer("CONNECT mail.example.test HTTP/1.1\r\n\r\n"))
        .contains("CONNECT needs an authority of the form host:port or [IPv6 address]:port");
  }

  /** Content would be at the place where TLS starts. */
  @Test
  void refusesContent() {
    String request = "CONNECT " + TARGET + " HTTP/1.1\r\nContent-Length: ";
    assertThat(answer(request + "3\r\n\r\nabc"))
        .startsWith("HTTP/1.1 400 ")
        .contains("the device sent content with its CONNECT");
    assertThat(events)
        .containsExactly(
            new NegotiationRefused(
                CloseReason.NEGOTIATION_REFUSED,
                Explanation.of("the device sent content with its CONNECT", "update the device"),
                TARGET));
    assertThat(answer(request + "0\r\n\r\n")).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void refusesOversizedAndMalformedRequests() {
    String request = "CONNECT " + TARGET + " HTTP/1.1\r\n";
    assertThat(answer(request + "X: " + "a".repeat(8192) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431 ")
        .contains("the header is too large");
    assertThat(answer(request + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"))
        .startsWith("HTTP/1.1 400 ")
        .contains("the request is malformed");
    assertThat(events).singleElement().isInstanceOf(NegotiationRefused.class);
  }

  @ParameterizedTest
  @CsvSource({
    "16, sent TLS",
    "80, sent TLS",
    "ff, sent TLS",
    "7f, sent neither HTTP nor TLS",
    "40, sent neither HTTP nor TLS",
    "5b, sent neither HTTP nor TLS",
    "20, sent neither HTTP nor TLS"
  })
  void identifiesOtherProtocolsByTheirFirstByte(String first, String detail) {
    String byteText = Character.toString((char) Integer.parseInt(first, 16));
    assertThat(answer(byteText)).startsWith("HTTP/1.1 400 ").contains(detail);
    assertThat(events).singleElement().isInstanceOf(NegotiationRefused.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"A", "Z", "\r", "\n", ""})
  void waitsForTheRestOfARequest(String first) {
    assertThat(answer(first)).isEmpty();
    assertThat(events).isEmpty();
  }

  /** RFC 9112 section 2.2. */
  @Test
  void skipsEmptyLinesBeforeTheRequest() {
    String request = "CONNECT " + TARGET + " HTTP/1.1\r\n\r\n";
    assertThat(answer("\r\n" + request)).startsWith("HTTP/1.1 200 ");
    assertThat(answer("\n" + request)).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void asksThePolicyBeforeItAnswers() {
    NegotiationRefused refusal =
        new NegotiationRefused(CloseReason.NO_ROUTE, "no route allows it", TARGET);
    EmbeddedChannel channel = channel(target -> Optional.of(refusal));
    channel.writeInbound(
        Unpooled.copiedBuffer(
            "CONNECT " + TARGET + " HTTP/1.1\r\n\r\n", StandardCharsets.US_ASCII));
    channel.writeInbound(Unpooled.copiedBuffer(HELLO));
    assertThat(ChannelText.heard(channel))
        .startsWith("HTTP/1.1 403 Forbidden\r\n")
        .endsWith("TLS Uplift: no route allows it\n");
    assertThat(events).containsExactly(refusal);
    assertThat(inbound(channel)).isEmpty();
    channel.finish();
  }

  /** The request is not malformed, and no device is left to get a response. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "CONNECT mail",
        "CONNECT mail:443 HTTP/1.1\r\nUser-Ag",
        "GET http://mail/ HTTP/1.1\r\n"
      })
  void ignoresAnIncompleteRequest(String beginning) {
    EmbeddedChannel channel = channel(target -> Optional.empty());
    channel.writeInbound(Unpooled.copiedBuffer(beginning, StandardCharsets.US_ASCII));
    channel.finish();
    assertThat(events).isEmpty();
    assertThat(ChannelText.heard(channel)).isEmpty();
  }
}
