package org.tlsuplift.proxy.negotiate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;

/** The replies of a SOCKS listener, byte for byte, for requests split at any byte. */
class SocksNegotiatorTest {
  private static final TargetPolicy ALL = target -> Optional.empty();
  private static final TargetPolicy NOTHING =
      target ->
          Optional.of(new NegotiationRefused(CloseReason.NO_ROUTE, "no route allows it", target));
  private static final SocksUsers USERS = new SocksUsers(Map.of("scanner", "hunter2", "b", "c"));

  /** Like the start of a ClientHello, with bytes that SOCKS could read as messages. */
  private static final String HELLO = "16030100050500040100";

  private static final String NO_AUTH = "050100";
  private static final String PASSWORD = "05020002";
  private static final String SUCCEEDED = "05000001000000000000";
  private static final String CONNECT = "05010003" + "04" + text("mail") + "01bb";

  private final List<Object> events = new ArrayList<>();
  private TargetPolicy policy = ALL;
  private SocksUsers users = SocksUsers.NONE;
  private final List<SocksUsers.User> signedIn = new ArrayList<>();

  private static String text(String ascii) {
    return HexFormat.of().formatHex(ascii.getBytes(StandardCharsets.US_ASCII));
  }

  private static String signIn(String name, String password) {
    return "01%02x%s%02x%s".formatted(name.length(), text(name), password.length(), text(password));
  }

  private EmbeddedChannel channel() {
    events.clear();
    EmbeddedChannel channel = new EmbeddedChannel();
    new AcceptMode.Socks(users).addNegotiators(channel.pipeline(), policy);
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof SocksUsers.User user) {
                  signedIn.add(user);
                } else {
                  events.add(event);
                }
              }
            });
    return channel;
  }

  private static String drain(boolean inbound, EmbeddedChannel channel) {
    StringBuilder hex = new StringBuilder();
    for (ByteBuf part = next(inbound, channel); part != null; part = next(inbound, channel)) {
      hex.append(ByteBufUtil.hexDump(part));
      part.release();
    }
    return hex.toString();
  }

  private static ByteBuf next(boolean inbound, EmbeddedChannel channel) {
    return inbound ? channel.readInbound() : channel.readOutbound();
  }

  /** Sends the request split at each byte, and byte by byte. The reply must always be the same. */
  private void assertAnswer(String request, String answer, String passedOn) {
    byte[] bytes = HexFormat.of().parseHex(request);
    for (int cut = 0; cut <= bytes.length; cut++) {
      EmbeddedChannel channel = channel();
      if (cut == bytes.length) {
        for (byte one : bytes) {
          channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {one}));
        }
      } else {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, 0, cut));
        channel.writeInbound(Unpooled.copiedBuffer(bytes, cut, bytes.length - cut));
      }
      assertThat(drain(false, channel)).as("answer, cut at %s", cut).isEqualTo(answer);
      assertThat(drain(true, channel)).as("passed on, cut at %s", cut).isEqualTo(passedOn);
      assertThat(events).as("events, cut at %s", cut).hasSize(1);
      if (events.get(0) instanceof Negotiated) {
        assertThat(channel.pipeline().names()).noneMatch(name -> name.startsWith("socks"));
      }
      channel.finishAndReleaseAll();
    }
  }

  private void assertEstablished(String request, String answer, String target) {
    assertAnswer(request + HELLO, answer, HELLO);
    assertThat(events).containsExactly(new Negotiated(HostPort.parse(target).orElseThrow()));
  }

  private void assertRefused(String request, String answer, CloseReason reason, String detail) {
    assertAnswer(request + HELLO, answer, "");
    assertThat(events)
        .singleElement()
        .isInstanceOfSatisfying(
            NegotiationRefused.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo(reason);
              assertThat(refused.detail()).contains(detail);
            });
  }

  @ParameterizedTest
  @CsvSource({
    "03046d61696c01bb, mail:443",
    "017f00000101bb, 127.0.0.1:443",
    "0420010db80000000000000000000000010019, [2001:db8::1]:25",
    "04000000000000000000000000000000010019, [::1]:25",
    "03093132372e302e302e310019, 127.0.0.1:25",
  })
  void connectsByVersion5(String address, String target) {
    assertEstablished(NO_AUTH + "050100" + address, "0500" + SUCCEEDED, target);
  }

  @Test
  void connectsByVersion5WithNameAndPassword() {
    users = USERS;
    assertEstablished(
        PASSWORD + signIn("scanner", "hunter2") + CONNECT, "0502" + "0100" + SUCCEEDED, "mail:443");
    assertEstablished(
        PASSWORD + signIn("b", "c") + CONNECT, "0502" + "0100" + SUCCEEDED, "mail:443");
    assertThat(signedIn).extracting(SocksUsers.User::name).containsOnly("scanner", "b");
    assertThat(signedIn.get(0)).hasToString("a user").matches(user -> user.isIn(USERS));
    assertThat(signedIn).noneMatch(user -> user.isIn(new SocksUsers(Map.of("other", "c"))));
  }

  @ParameterizedTest
  @CsvSource({"scanner, hunter3", "scanner, c", "Scanner, hunter2", "'', ''", "scanner, ''"})
  void refusesAnotherNameOrPasswordAndRepeatsNeither(String name, String password) {
    users = USERS;
    assertRefused(
        PASSWORD + signIn(name, password) + CONNECT,
        "0502" + "01ff",
        CloseReason.NEGOTIATION_REFUSED,
        "user name or password is wrong");
    assertThat(events.toString()).doesNotContain("canner").doesNotContain("hunter");
    assertThat(signedIn).isEmpty();
  }

  @Test
  void refusesDevicesThatDoNotSignInIfRequired() {
    users = USERS;
    String detail = "does not offer sign-in";
    assertRefused(NO_AUTH + CONNECT, "05ff", CloseReason.NEGOTIATION_REFUSED, detail);
    assertRefused(PASSWORD + CONNECT, "0502" + "01ff", CloseReason.NEGOTIATION_REFUSED, "is wrong");
    assertRefused(
        "040101bb7f00000100",
        "005b000000000000",
        CloseReason.NEGOTIATION_REFUSED,
        "SOCKS 4 has no passwords");
  }

  @Test
  void refusesDevicesThatOnlySignInIfThereAreNoUsers() {
    assertRefused(
        "050102" + signIn("a", "b"), "05ff", CloseReason.NEGOTIATION_REFUSED, "no 'users'");
    assertRefused("0500", "05ff", CloseReason.NEGOTIATION_REFUSED, "malformed");
  }

  @ParameterizedTest
  @CsvSource({"02, 07", "03, 07", "00, 07", "ff, 07"})
  void refusesOtherCommandsOfVersion5(String command, String reply) {
    assertRefused(
        NO_AUTH + "05" + command + "00017f00000101bb",
        "0500" + "05" + reply + "0001000000000000",
        CloseReason.NEGOTIATION_REFUSED,
        "only CONNECT is supported");
  }

  @ParameterizedTest
  @CsvSource({
    "05010002, 08, type 2",
    "050100ff, 08, type 255",
    "06010001, 01, malformed",
    "0501000300, 01, not a valid host and port",
    "0501000302c3a4, 01, malformed",
    "05010003046de4696c, 01, malformed",
    "0501000304612e2e62, 01, malformed",
    "05010003032e6162, 01, malformed",
    "05010003026120, 01, not a valid host and port",
    "0501000302617e, 01, not a valid host and port",
    "0501000302617f, 01, malformed",
    "050100017f0000010000, 01, port 0",
  })
  void refusesInvalidAddresses(String request, String reply, String detail) {
    assertRefused(
        NO_AUTH + request + "01bb",
        "0500" + "05" + reply + "0001000000000000",
        CloseReason.NEGOTIATION_REFUSED,
        detail);
  }

  @ParameterizedTest
  @CsvSource({
    "0401 01bb 7f000001 00, 127.0.0.1:443",
    "0401 0019 7f000001 726f6f7400, 127.0.0.1:25",
    "0401 01bb 00000001 726f6f7400 6d61696c00, mail:443",
    "0401 01bb 00000001 6de400 6d61696c00, mail:443",
    "0401 01bb 7f000001 6de400, 127.0.0.1:443",
    "0401 01bb 00000001 00 786e2d2d6d696c2d716c6100, xn--mil-qla:443",
  })
  void connectsByVersion4(String request, String target) {
    assertEstablished(request.replace(" ", ""), "005a000000000000", target);
  }

  @ParameterizedTest
  @CsvSource({
    "0402 01bb 7f000001 00, only CONNECT is supported",
    "0401 0000 7f000001 00, malformed",
    "0401 01bb 00000001 00 00, not a valid host and port",
    "0401 01bb 00000001 00 612000, not a valid host and port",
    "0401 01bb 00000001 00 8061ff00, malformed",
    "0401 01bb 00000001 00 6de4696c00, malformed",
    "0401 01bb 00000001 6de400 6dc3a4696c00, malformed",
    "0401 01bb 00000001 00 612e2e6200, malformed",
    "0401 01bb 00000001 00 2e616200, malformed",
  })
  void refusesByVersion4(String request, String detail) {
    assertRefused(
        request.replace(" ", ""), "005b000000000000", CloseReason.NEGOTIATION_REFUSED, detail);
  }

  /** RFC 1035 section 2.3.4: 63 bytes. */
  @Test
  void refusesLabelsThatAreTooLong() {
    String label = text("a".repeat(64));
    assertRefused(
        NO_AUTH + "0501000340" + label + "01bb",
        "0500" + "05010001000000000000",
        CloseReason.NEGOTIATION_REFUSED,
        "malformed");
    assertRefused(
        "040101bb0000000100" + label + "00",
        "005b000000000000",
        CloseReason.NEGOTIATION_REFUSED,
        "malformed");
  }

  @Test
  void refusesEndlessFieldsOfVersion4() {
    EmbeddedChannel channel = channel();
    channel.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex("040101bb7f000001")));
    for (int i = 0; i < 300; i++) {
      channel.writeInbound(Unpooled.copiedBuffer("a", StandardCharsets.US_ASCII));
    }
    assertThat(drain(false, channel)).isEqualTo("005b000000000000");
    assertThat(events).hasSize(1);
    channel.finishAndReleaseAll();
  }

  @Test
  void asksThePolicyBeforeItAnswers() {
    policy = NOTHING;
    assertRefused(
        NO_AUTH + CONNECT,
        "0500" + "05020001000000000000",
        CloseReason.NO_ROUTE,
        "no route allows it");
    assertThat(events)
        .singleElement()
        .isEqualTo(
            new NegotiationRefused(
                CloseReason.NO_ROUTE, "no route allows it", new HostPort("mail", 443)));
    assertRefused(
        "040101bb7f00000100", "005b000000000000", CloseReason.NO_ROUTE, "no route allows it");
  }

  @ParameterizedTest
  @CsvSource({
    "16030100, sent TLS",
    "80310100, sent TLS",
    "434f4e4e454354, sent HTTP",
    "41, sent HTTP",
    "5a, sent HTTP",
    "40, neither SOCKS 5 nor SOCKS 4",
    "5b, neither SOCKS 5 nor SOCKS 4",
    "7f, neither SOCKS 5 nor SOCKS 4",
    "00, neither SOCKS 5 nor SOCKS 4",
  })
  void namesTheOtherProtocolOfADevice(String bytes, String detail) {
    assertRefused(bytes, "", CloseReason.NEGOTIATION_REFUSED, detail);
  }

  @Property(tries = 500)
  void anyBytesAreRefusedOrWaitForMore(
      @ForAll boolean five, @ForAll boolean signIn, @ForAll @Size(max = 600) byte[] bytes) {
    policy = NOTHING;
    users = signIn ? USERS : SocksUsers.NONE;
    EmbeddedChannel channel = channel();
    channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {(byte) (five ? 5 : 4)}));
    channel.writeInbound(Unpooled.wrappedBuffer(bytes));
    assertThat(events).hasSizeLessThanOrEqualTo(1).allMatch(NegotiationRefused.class::isInstance);
    assertThat(drain(true, channel)).isEmpty();
    assertThat(drain(false, channel).length()).isLessThan(50);
    channel.finishAndReleaseAll();
    channel.checkException();
  }

  /** A broken connection is not a malformed request. */
  @Test
  void otherFailuresAreNotTheDevicesRequest() {
    for (String begun : List.of("0401", "05")) {
      EmbeddedChannel channel = channel();
      channel.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex(begun)));
      channel.pipeline().fireExceptionCaught(new IOException("reset"));
      assertThat(events).isEmpty();
      assertThat(drain(false, channel)).isEmpty();
      assertThatThrownBy(channel::checkException).hasMessage("reset");
      channel.finishAndReleaseAll();
    }
  }

  /**
   * Its decoders report an unreadable request in a message, and an answer of version 4 is wrong.
   */
  @Test
  void aFailureOfADecoderOfVersion5GetsNoReplyOfVersion4() {
    EmbeddedChannel channel = channel();
    channel.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex("05")));
    channel.pipeline().fireExceptionCaught(new DecoderException("unreadable"));
    assertThat(events).isEmpty();
    assertThat(drain(false, channel)).isEmpty();
    assertThatThrownBy(channel::checkException).hasMessage("unreadable");
    channel.finishAndReleaseAll();
  }

  @Test
  void toStringShowsNoPassword() {
    assertThat(USERS.toString()).isEqualTo("2 users");
  }
}
