package org.tlsuplift.proxy.negotiate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;

/** PROXY headers and the bytes after them, split at any byte. */
class ProxyHeaderTest {
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
  private static final String CONNECT = text("CONNECT mail:443 HTTP/1.1\r\n\r\n");
  private static final String HELLO = "160301000450524f58";

  private final List<Object> events = new ArrayList<>();

  private static String text(String ascii) {
    return HexFormat.of().formatHex(ascii.getBytes(StandardCharsets.US_ASCII));
  }

  /** Adds the next negotiators when the header has arrived, as the listener does. */
  private EmbeddedChannel channel() {
    events.clear();
    EmbeddedChannel channel = new EmbeddedChannel();
    ProxyHeaderNegotiator.addTo(channel.pipeline());
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                events.add(event);
                if (event instanceof ProxyHeader) {
                  new AcceptMode.HttpConnect()
                      .addNegotiators(ctx.pipeline(), target -> Optional.empty());
                  ctx.pipeline().remove(this);
                  ctx.pipeline().addLast(new EventCollector(events));
                }
              }
            });
    return channel;
  }

  private static final class EventCollector extends ChannelInboundHandlerAdapter {
    private final List<Object> events;

    private EventCollector(List<Object> events) {
      this.events = events;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      events.add(event);
    }
  }

  private static String inbound(EmbeddedChannel channel) {
    StringBuilder hex = new StringBuilder();
    for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
      hex.append(ByteBufUtil.hexDump(part));
      part.release();
    }
    return hex.toString();
  }

  private void send(EmbeddedChannel channel, byte[] bytes, int cut) {
    if (cut == bytes.length) {
      for (byte one : bytes) {
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {one}));
      }
    } else {
      channel.writeInbound(Unpooled.copiedBuffer(bytes, 0, cut));
      channel.writeInbound(Unpooled.copiedBuffer(bytes, cut, bytes.length - cut));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'PROXY TCP4 10.1.2.3 10.0.0.1 56324 3128\r\n', 10.1.2.3, 56324, 10.0.0.1",
    "'PROXY TCP6 2001:db8::7 ::1 56324 3128\r\n', 2001:db8::7, 56324, ::1",
    "'PROXY UNKNOWN\r\n', , ,",
    "'PROXY UNKNOWN ffff:: ffff:: 65535 65535\r\n', , ,",
  })
  void readsVersion1(String header, String address, Integer port, String destination) {
    assertRead(text(header), address, port, destination);
  }

  @ParameterizedTest
  @CsvSource({
    "21 11 000c 0a010203 0a000001 dc04 0c38, 10.1.2.3, 56324, 10.0.0.1",
    "21 11 0013 0a010203 0a000001 dc04 0c38 04 0004 00000000, 10.1.2.3, 56324, 10.0.0.1",
    "21 21 0024 20010db8000000000000000000000007 00000000000000000000000000000001 dc04 0c38, 2001:db8::7, 56324, ::1",
    "21 21 0024 00000000000000000000ffff0a010203 00000000000000000000000000000001 dc04 0c38, 10.1.2.3, 56324, ::1",
    "20 00 0000, , ,",
    "20 11 000c 0a010203 0a000001 dc04 0c38, , ,",
    "21 00 0000, , ,",
    "21 00 0004 01020304, , ,",
  })
  void readsVersion2(String header, String address, Integer port, String destination) {
    assertRead(SIGNATURE + header.replace(" ", ""), address, port, destination);
  }

  /** Sends the header, CONNECT and the ClientHello: split at each byte, and byte by byte. */
  private void assertRead(String header, String address, Integer port, String destination) {
    ProxyHeader expected =
        address == null
            ? new ProxyHeader(null, null)
            : new ProxyHeader(
                new InetSocketAddress(address, port), new InetSocketAddress(destination, 3128));
    byte[] bytes = HexFormat.of().parseHex(header + CONNECT + HELLO);
    for (int cut = 0; cut <= bytes.length; cut++) {
      EmbeddedChannel channel = channel();
      send(channel, bytes, cut);
      assertThat(events)
          .as("cut at %s", cut)
          .containsExactly(expected, new Negotiated(new HostPort("mail", 443)));
      assertThat(inbound(channel)).isEqualTo(HELLO);
      assertThat(channel.pipeline().names())
          .noneMatch(name -> name.startsWith("proxy-") || name.startsWith("http-"));
      channel.finishAndReleaseAll();
    }
  }

  @ParameterizedTest
  @CsvSource({
    // The first wrong byte shows that there is no header.
    "16, got TLS",
    "80, got TLS",
    "434f4e, got something else",
    "50524f5859 3a, got something else",
    "504f, got something else",
    "0d0a0d0a000d0a515549540b, got something else",
    "0d0a0d0a000d0a515549540a 11, got something else",
    "0d0a0d0a000d0a515549540a ff, got something else",
    // Headers with a wrong family, address, length, port or direction of the slashes.
    "0d0a0d0a000d0a515549540a 21 51 000c 0a010203 0a000001 dc04 0c38, malformed",
    "0d0a0d0a000d0a515549540a 21 11 0004 0a010203, malformed",
    "0d0a0d0a000d0a515549540a 21 12 000c 0a010203 0a000001 dc04 0c38, UDP4",
    "0d0a0d0a000d0a515549540a 21 11 ffff 0a010203 0a000001 dc04 0c38, ''",
  })
  void refusesByTheFirstWrongByte(String bytes, String detail) {
    byte[] wrong = HexFormat.of().parseHex(bytes.replace(" ", ""));
    for (int cut = 0; cut <= wrong.length; cut++) {
      EmbeddedChannel channel = channel();
      send(channel, wrong, cut);
      if (detail.isEmpty()) {
        // The guard waits, and refuses when the announced length is too large.
        assertThat(events).isEmpty();
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[4096]));
      }
      assertRefused(detail.isEmpty() ? "too long" : detail);
      assertThat(inbound(channel)).isEmpty();
      channel.finishAndReleaseAll();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PROXY TCP4 10.1.2.3 10.0.0.1 56324",
    "PROXY TCP4 10.1.2.300 10.0.0.1 56324 3128",
    "PROXY TCP4 printer.example 10.0.0.1 56324 3128",
    "PROXY TCP4 10.1.2.3 10.0.0.1 65536 3128",
    "PROXY TCP4 ::1 ::1 56324 3128",
    "PROXY TCP5 10.1.2.3 10.0.0.1 56324 3128",
    "PROXY TCP6 10.1.2.3%eth0 10.0.0.1 56324 3128",
  })
  void refusesAWrongLine(String line) {
    EmbeddedChannel channel = channel();
    channel.writeInbound(Unpooled.copiedBuffer(line + "\r\n", StandardCharsets.US_ASCII));
    assertRefused("malformed");
    assertThat(events.toString()).doesNotContain("printer.example");
    channel.finishAndReleaseAll();
  }

  @Test
  void refusesAnEndlessLine() {
    EmbeddedChannel channel = channel();
    channel.writeInbound(Unpooled.copiedBuffer("PROXY TCP4 ", StandardCharsets.US_ASCII));
    for (int i = 0; i < 120 && channel.isActive(); i++) {
      channel.writeInbound(Unpooled.copiedBuffer("1", StandardCharsets.US_ASCII));
    }
    assertRefused("too long");
    channel.finishAndReleaseAll();
  }

  @Property(tries = 500)
  void anyBytesAfterASignatureAreHandled(
      @ForAll boolean two, @ForAll @Size(max = 300) byte[] bytes) {
    EmbeddedChannel channel = channel();
    byte[] start = HexFormat.of().parseHex(two ? SIGNATURE + "21" : text("PROXY "));
    channel.writeInbound(Unpooled.wrappedBuffer(start));
    channel.writeInbound(Unpooled.wrappedBuffer(bytes));
    channel.checkException();
    assertThat(events).hasSizeLessThanOrEqualTo(2);
    channel.finishAndReleaseAll();
  }

  /** Names in extensions may have any bytes, and nested extensions may be truncated. */
  @Property(tries = 500)
  void anyExtensionsAreSkippedOrRefused(
      @ForAll @IntRange(max = 255) int type,
      @ForAll @Size(max = 100) byte[] value,
      @ForAll @IntRange(min = -2, max = 2) int off) {
    EmbeddedChannel channel = channel();
    int length = Math.max(0, value.length + off);
    String extension = "%02x%04x".formatted(type, length) + HexFormat.of().formatHex(value);
    channel.writeInbound(
        Unpooled.wrappedBuffer(
            HexFormat.of()
                .parseHex(
                    SIGNATURE
                        + "2111%04x0a0102030a000001dc040c38".formatted(12 + extension.length() / 2)
                        + extension)));
    channel.checkException();
    assertThat(events)
        .singleElement()
        .satisfiesAnyOf(
            event -> assertThat(event).isInstanceOf(ProxyHeader.class),
            event ->
                assertThat(event)
                    .isInstanceOfSatisfying(
                        NegotiationRefused.class,
                        refused ->
                            assertThat(refused.reason())
                                .isEqualTo(CloseReason.PROXY_HEADER_REFUSED)));
    channel.finishAndReleaseAll();
  }

  /** By the specification, receivers ignore the addresses of a health check. */
  @Test
  void localCommandIgnoresItsAddresses() {
    EmbeddedChannel channel =
        new EmbeddedChannel(new ProxyHeaderNegotiator(), new EventCollector(events));
    channel.writeInbound(
        new HAProxyMessage(
            HAProxyProtocolVersion.V2,
            HAProxyCommand.LOCAL,
            HAProxyProxiedProtocol.TCP4,
            "10.1.2.3",
            "10.0.0.1",
            56324,
            3128));
    assertThat(events).containsExactly(ProxyHeader.OF_SENDER);
    channel.finishAndReleaseAll();
  }

  /** A broken connection is not a malformed header. */
  @Test
  void otherFailuresAreNotTheHeaders() {
    EmbeddedChannel channel = channel();
    channel.pipeline().fireExceptionCaught(new IOException("reset"));
    assertThat(events).isEmpty();
    assertThatThrownBy(channel::checkException).hasMessage("reset");
    channel.finishAndReleaseAll();
  }

  @Test
  void acceptsALineOf107BytesAndRefusesALongerOne() {
    byte[] longest = line(107);
    byte[] tooLong = line(108);
    for (int cut = 1; cut <= longest.length; cut++) {
      EmbeddedChannel taken = channel();
      send(taken, longest, cut);
      assertThat(events).containsExactly(ProxyHeader.OF_SENDER);
      taken.finishAndReleaseAll();
    }
    for (int cut = 1; cut <= tooLong.length; cut++) {
      EmbeddedChannel refused = channel();
      send(refused, tooLong, cut);
      assertRefused("too long");
      refused.finishAndReleaseAll();
    }
  }

  private static byte[] line(int length) {
    String start = "PROXY UNKNOWN ";
    return (start + "x".repeat(length - start.length() - 2) + "\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private void assertRefused(String detail) {
    assertThat(events)
        .singleElement()
        .isInstanceOfSatisfying(
            NegotiationRefused.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo(CloseReason.PROXY_HEADER_REFUSED);
              assertThat(refused.detail()).contains(detail);
            });
  }
}
