package org.tlsuplift.proxy.negotiate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.testing.Fuzzed.assertOneLine;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.testing.ChannelText;
import org.tlsuplift.proxy.testing.Fuzzed;
import org.tlsuplift.proxy.testing.Fuzzed.Outcome;

/** Any bytes that devices may send in a negotiation. */
class NegotiatorsFuzzTest {
  /** The largest content of a request, its header and one more read, twice. */
  private static final int MAX_HELD = 1 << 19;

  private static final Pattern CONNECT =
      Pattern.compile("[\r\n]*CONNECT\\s+(\\S+)\\s+(?i:HTTP)/1\\.[0-9]\\s*\n.*", Pattern.DOTALL);

  private static final byte[] CRLF = {'\r', '\n'};

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
    check(
        bytes, pipeline -> new AcceptMode.Socks(SocksUsers.NONE).addNegotiators(pipeline, POLICY));
  }

  @FuzzTest
  void socksWithUsers(byte[] bytes) {
    check(bytes, pipeline -> new AcceptMode.Socks(USERS).addNegotiators(pipeline, POLICY));
  }

  /** CONNECT, and requests in plain HTTP. */
  @FuzzTest
  void http(byte[] bytes) {
    check(bytes, pipeline -> new AcceptMode.HttpConnect().addNegotiators(pipeline, POLICY));
  }

  /** Version 1 or 2; SOCKS follows. */
  @FuzzTest
  void proxyHeader(byte[] bytes) {
    check(bytes, ProxyHeaderNegotiator::addTo);
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
    if (end instanceof Negotiated negotiated) {
      assertThat(Fuzzed.digits(bytes)).endsWith(outcome.passed());
      int length = bytes.length - outcome.passed().length() / 2;
      assertThat(negotiated.target()).isEqualTo(targetIn(Arrays.copyOf(bytes, length)));
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
      checkOnTheWire(request);
    }
  }

  /** The target by a second reading of the bytes of a negotiation; all of them count. */
  private static HostPort targetIn(byte[] bytes) {
    Matcher connect = CONNECT.matcher(new String(bytes, ISO_8859_1));
    if (connect.matches()) {
      return HostPort.parse(connect.group(1)).orElseThrow();
    }
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    skipProxyHeader(in);
    HostPort target = in.readByte() == 4 ? socks4Target(in) : socks5Target(in);
    assertThat(in.isReadable()).isFalse();
    return target;
  }

  private static void skipProxyHeader(ByteBuf in) {
    if (in.getByte(0) == 'P') {
      in.skipBytes(ByteBufUtil.indexOf(Unpooled.wrappedBuffer(CRLF), in) + CRLF.length);
    } else if (in.getByte(0) == '\r') {
      in.skipBytes(14).skipBytes(in.readUnsignedShort());
    }
  }

  private static HostPort socks4Target(ByteBuf in) {
    assertThat(in.readByte()).isEqualTo((byte) 1);
    int port = in.readUnsignedShort();
    int address = in.getInt(in.readerIndex());
    String host = address(in, 4);
    text(in, in.bytesBefore((byte) 0));
    in.skipBytes(1);
    if (address > 0 && address < 256) {
      host = text(in, in.bytesBefore((byte) 0));
      in.skipBytes(1);
    }
    return new HostPort(host, port);
  }

  private static HostPort socks5Target(ByteBuf in) {
    in.skipBytes(in.readUnsignedByte());
    int version = in.readByte();
    if (version == 1) {
      in.skipBytes(in.readUnsignedByte()).skipBytes(in.readUnsignedByte());
      version = in.readByte();
    }
    assertThat(version).isEqualTo(5);
    assertThat(in.readByte()).isEqualTo((byte) 1);
    in.skipBytes(1);
    int type = in.readByte();
    String host = type == 3 ? text(in, in.readUnsignedByte()) : address(in, type == 1 ? 4 : 16);
    return new HostPort(host, in.readUnsignedShort());
  }

  private static String text(ByteBuf in, int length) {
    return in.readCharSequence(length, ISO_8859_1).toString();
  }

  private static String address(ByteBuf in, int length) {
    byte[] address = new byte[length];
    in.readBytes(address);
    try {
      return InetAddress.getByAddress(address).getHostAddress();
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** An origin sees one request, for the host that the route allowed. */
  private static void checkOnTheWire(PlainRequest request) {
    EmbeddedChannel encoder = new EmbeddedChannel(new HttpRequestEncoder());
    encoder.writeOutbound(request.message().copy());
    String[] parts = ChannelText.heard(encoder).split("\r\n\r\n", 2);
    encoder.finishAndReleaseAll();
    List<String> lines = List.of(parts[0].split("\r\n", -1));
    assertThat(lines.get(0)).matches("(GET|HEAD|POST) /[!-~]* HTTP/1\\.[01]");
    List<String> fields = lines.subList(1, lines.size());
    assertThat(fields).allMatch(field -> field.matches("[!#-'*+.0-9A-Z^_`a-z|~-]+: ?[^\r\n\0]*"));
    HostPort target = request.target();
    assertThat(fields.stream().filter(field -> field.regionMatches(true, 0, "Host:", 0, 5)))
        .singleElement()
        .isIn("Host: " + target, ("Host: " + target).replaceFirst(":80$", ""));
    assertThat(fields)
        .noneMatch(field -> field.regionMatches(true, 0, "Transfer-Encoding:", 0, 18));
    List<String> lengths =
        fields.stream()
            .filter(field -> field.regionMatches(true, 0, "Content-Length:", 0, 15))
            .map(field -> field.substring(15).strip())
            .toList();
    assertThat(lengths).hasSizeLessThanOrEqualTo(1);
    assertThat(lengths.isEmpty() ? "0" : lengths.get(0))
        .isEqualTo(Integer.toString(parts[1].length()));
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
