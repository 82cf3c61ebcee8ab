package org.tlsuplift.proxy.mail.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.outcome.CloseReason;

/** The bytes that a guard keeps and reads, and the order of the events that the relay gets. */
class SmtpGuardFlowTest {
  private static final String MAIL = "MAIL FROM:<scans@contoso.example>\r\n";
  private static final int MAX_UNANSWERED = 128;
  private static final int MAX_HELD = 16 * 1024;

  /** Counts the reads and flushes on the device's connection. */
  private static final class Connection extends ChannelOutboundHandlerAdapter {
    int reads;
    int flushes;

    @Override
    public void read(ChannelHandlerContext ctx) {
      reads++;
      ctx.read();
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
      flushes++;
      ctx.flush();
    }
  }

  /** Records the events that the relay gets. */
  private static final class Relay extends ChannelInboundHandlerAdapter {
    final List<String> got = new ArrayList<>();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      got.add(bytes.toString(StandardCharsets.ISO_8859_1));
      bytes.release();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      got.add("complete");
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      got.add(event.getClass().getSimpleName());
    }
  }

  private static Relay relayOf(GuardedSession session) {
    Relay relay = new Relay();
    session.channel.pipeline().addLast(relay);
    return relay;
  }

  private static void deviceEnds(GuardedSession session) {
    session.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  @Test
  void stopsReadingTheDeviceWhileMuchIsHeld() {
    try (GuardedSession session = new GuardedSession()) {
      Connection connection = new Connection();
      session.channel.pipeline().addFirst(connection);
      session.channel.config().setAutoRead(false);
      session.permitsAtOnce = false;
      session.device(MAIL + "NOOP\r\n".repeat(MAX_HELD / 6) + "NOO");
      session.channel.read();
      assertThat(connection.reads).as("one byte less than the bound is held").isEqualTo(1);
      session.device("P");
      session.channel.read();
      session.channel.read();
      assertThat(connection.reads).as("the bound is reached").isEqualTo(1);
      session.answer(0, new PermitResult.Given());
      assertThat(connection.reads).as("what was held has gone on").isEqualTo(2);
      session.origin("250 2.0.0 OK\r\n");
      assertThat(connection.reads).as("nobody wants more").isEqualTo(2);
    }
  }

  @Test
  void theDeviceIsReadAgainOnlyWhenLessIsHeld() {
    try (GuardedSession session = new GuardedSession()) {
      Connection connection = new Connection();
      session.channel.pipeline().addFirst(connection);
      session.channel.config().setAutoRead(false);
      // Each reply releases one command of six bytes.
      String unanswered = "NOOP\r\n".repeat(MAX_UNANSWERED);
      session.device(unanswered + "NOOP\r\n".repeat(MAX_HELD / 6 + 1) + "NOOP");
      session.channel.read();
      assertThat(connection.reads).as("held: the bound and six").isZero();
      session.origin("250 2.0.0 OK\r\n");
      assertThat(connection.reads).as("held: the bound").isZero();
      session.origin("250 2.0.0 OK\r\n");
      assertThat(connection.reads).isEqualTo(1);
    }
  }

  @Test
  void boundsTheNumberOfUnansweredCommands() {
    try (GuardedSession session = new GuardedSession()) {
      session.device("NOOP\r\n".repeat(MAX_UNANSWERED + 2));
      assertThat(session.passed()).isEqualTo("NOOP\r\n".repeat(MAX_UNANSWERED));
      assertThat(session.origin("250 2.0.0 OK\r\n").passed()).isEqualTo("NOOP\r\n");
      assertThat(session.origin("250-2.0.0 Well\r\n").passed()).isEmpty();
      assertThat(session.origin("250 2.0.0 OK\r\n").passed()).isEqualTo("NOOP\r\n");
      assertThat(session.origin("250 2.0.0 OK\r\n").passed()).isEmpty();
    }
  }

  @Test
  void theEndOfADeviceThatSentManyCommandsComesAfterThem() {
    try (GuardedSession session = new GuardedSession()) {
      Relay relay = relayOf(session);
      session.device("NOOP\r\n".repeat(MAX_UNANSWERED + 2));
      deviceEnds(session);
      session.origin("250 2.0.0 OK\r\n");
      assertThat(relay.got).doesNotContain("ChannelInputShutdownEvent");
      session.origin("250 2.0.0 OK\r\n");
      assertThat(relay.got).filteredOn("NOOP\r\n"::equals).hasSize(MAX_UNANSWERED + 2);
      assertThat(relay.got).containsOnlyOnce("ChannelInputShutdownEvent");
      assertThat(relay.got.lastIndexOf("NOOP\r\n"))
          .isLessThan(relay.got.indexOf("ChannelInputShutdownEvent"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"DATA\r\nNOOP\r\n", "RSET\r\nAUTH\r\nNOOP\r\n"})
  void theEndOfADeviceWaitsForCommandsThatWaitForTheOrigin(String commands) {
    try (GuardedSession session = new GuardedSession()) {
      Relay relay = relayOf(session.begun());
      session.device(commands);
      relay.got.clear();
      deviceEnds(session);
      assertThat(relay.got).isEmpty();
      session.origin("503 5.5.1 No\r\n");
      assertThat(relay.got)
          .containsExactly("NOOP\r\n", "complete", "ChannelInputShutdownEvent", "complete");
      assertThat(session.heard()).startsWith("503 5.5.1 No\r\n");
    }
  }

  @Test
  void theEndOfADeviceThatWaitsForAReplyAloneIsCarriedAtOnce() {
    try (GuardedSession session = new GuardedSession()) {
      Relay relay = relayOf(session.begun());
      session.device("DATA\r\n");
      relay.got.clear();
      deviceEnds(session);
      assertThat(relay.got).containsExactly("complete", "ChannelInputShutdownEvent");
    }
  }

  /** The relay gets both events: close_notify ends TLS, and FIN ends the connection. */
  @Test
  void bothEndsOfADeviceAreCarriedInTheirOrderAndOnce() {
    try (GuardedSession session = new GuardedSession()) {
      Relay relay = relayOf(session.begun());
      session.device("DATA\r\nNOOP\r\n");
      relay.got.clear();
      session.channel.pipeline().fireUserEventTriggered(SslCloseCompletionEvent.SUCCESS);
      deviceEnds(session);
      session.origin("503 5.5.1 No\r\n");
      session.origin("250 2.0.0 OK\r\n");
      assertThat(relay.got)
          .filteredOn(got -> !got.equals("complete"))
          .containsExactly("NOOP\r\n", "SslCloseCompletionEvent", "ChannelInputShutdownEvent");
    }
  }

  @Test
  void otherEventsAreNotHeldBack() {
    try (GuardedSession session = new GuardedSession()) {
      Relay relay = relayOf(session.begun());
      session.device("DATA\r\nNOOP\r\n");
      relay.got.clear();
      session.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
      assertThat(relay.got).containsExactly("ChannelInputShutdownReadComplete");
    }
  }

  /** The relay flushes to the origin when a read completes. */
  @Test
  void relayGetsHeldCommandsAndAReadComplete() {
    try (GuardedSession session = new GuardedSession()) {
      session.permitsAtOnce = false;
      Relay relay = relayOf(session);
      session.device(MAIL + "RCPT TO:<a@b.example>\r\n");
      relay.got.clear();
      session.answer(0, new PermitResult.Given());
      assertThat(relay.got).containsExactly(MAIL, "RCPT TO:<a@b.example>\r\n", "complete");
    }
  }

  @Test
  void relayGetsNoReadCompleteIfNothingWaited() {
    try (GuardedSession session = new GuardedSession()) {
      session.device("NOOP\r\n");
      Relay relay = relayOf(session);
      session.origin("250 2.0.0 OK\r\n");
      assertThat(relay.got).isEmpty();
    }
  }

  /** The relay flushes the origin's replies; the guard flushes its own. */
  @Test
  void theDeviceIsFlushedToOnlyWhenTheGuardRepliesToIt() {
    try (GuardedSession session = new GuardedSession()) {
      Connection connection = new Connection();
      session.channel.pipeline().addFirst(connection);
      session.device(MAIL + "RCPT TO:<a@b.example>\r\nDATA\r\n");
      var unused = session.channel.writeOneOutbound(bytes("250 OK\r\n250 OK\r\n354 Go on\r\n"));
      for (int i = 0; i < 100; i++) {
        session.device("a line of the message\r\n");
      }
      assertThat(connection.flushes).isZero();
      session.device(".\r\n");
      var received = session.channel.writeOneOutbound(bytes("250 OK\r\n"));
      assertThat(received.cause()).isNull();
      session.device("XYZZY\r\n");
      assertThat(connection.flushes).isEqualTo(1);
    }
  }

  /** The origin replies while a command is written to it, as within one process. */
  @Test
  void manyCommandsThatAreAnsweredAtOnceDoNotNest() {
    try (GuardedSession session = new GuardedSession()) {
      List<Integer> depths = new ArrayList<>();
      session
          .channel
          .pipeline()
          .addLast(
              new ChannelInboundHandlerAdapter() {
                private int depth;

                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                  ((ByteBuf) message).release();
                  depths.add(++depth);
                  var unused = ctx.writeAndFlush(bytes("250 2.0.0 OK\r\n"));
                  depth--;
                }
              });
      session.device("NOOP\r\n".repeat(1000));
      assertThat(depths).hasSize(1000).containsOnly(1);
      assertThat(session.heard()).isEqualTo("250 2.0.0 OK\r\n".repeat(1000));
    }
  }

  @Test
  void writesSucceedEvenIfTheGuardHidesOrRefusesThem() {
    try (GuardedSession session = new GuardedSession()) {
      session.device("EHLO scanner\r\nNOOP\r\n");
      ByteBuf empty = Unpooled.buffer(1);
      ByteBuf hidden = bytes("250-origin\r\n250-AUTH LOGIN\r\n");
      ByteBuf tooLong = bytes("250 " + "x".repeat(5000));
      ByteBuf late = bytes("250 OK\r\n");
      for (ByteBuf written : List.of(empty, hidden, tooLong, late)) {
        ChannelFuture write = session.channel.writeAndFlush(written);
        session.channel.runPendingTasks();
        assertThat(write.isSuccess()).isTrue();
      }
      assertThat(session.heard()).isEqualTo("421 4.3.0 The origin's reply is too long\r\n");
      assertThat(session.told)
          .containsExactly(
              "origin_protocol_error: the origin's reply: a line is longer than 4096 bytes");
      for (ByteBuf written : List.of(empty, hidden, tooLong, late)) {
        assertThat(written.refCnt()).isZero();
      }
    }
  }

  /** The session closes the connection in the callback. */
  @ParameterizedTest
  @ValueSource(strings = {"BDAT x\r\n", "DATA\r\n.\n"})
  void theLastReplyIsWrittenBeforeTheSessionEnds(String wrong) {
    try (GuardedSession session = new GuardedSession()) {
      session.begun().device(wrong);
      session.origin("354 Go on\r\n");
      assertThat(session.writtenAtEnd).isPositive();
    }
  }

  /** Otherwise the device sends the message again, although the origin has accepted it. */
  @ParameterizedTest
  @ValueSource(ints = {0, 5000})
  void malformedCommandEndsTheSessionAfterTheReplyToTheMessage(int length) {
    String wrong = length == 0 ? "BDAT x\r\n" : "x".repeat(length);
    try (GuardedSession session = new GuardedSession()) {
      session.begun().device("DATA\r\n").origin("354 Go on\r\n").device("x\r\n.\r\n" + wrong);
      session.heard();
      assertThat(session.ends).isEmpty();
      session.origin("250 2.6.0 queued as 7\r\n");
      assertThat(session.heard())
          .startsWith("250 2.6.0 queued as 7\r\n50")
          .endsWith(GuardedSession.CLOSING);
      assertThat(session.messages)
          .extracting(MailMessage::outcome)
          .containsExactly(MessageOutcome.ACCEPTED);
      assertThat(session.ends).containsExactly(CloseReason.DEVICE_PROTOCOL_ERROR);
      session.device("NOOP\r\n");
      assertThat(session.heard()).isEmpty();
    }
  }

  @Test
  void releasesIncompleteLinesAtTheEnd() {
    GuardedSession session = new GuardedSession();
    ByteBuf half = bytes("NOO");
    ByteBuf halfReply = bytes("250 O");
    session.channel.writeInbound(half);
    session.channel.writeOutbound(halfReply);
    session.close();
    assertThat(half.refCnt()).isZero();
    assertThat(halfReply.refCnt()).isZero();
  }

  @Test
  void releasesDataAfterTheEnd() {
    try (GuardedSession session = new GuardedSession()) {
      session.device("BDAT x\r\nNOOP\r\n");
      ByteBuf more = bytes("NOOP\r\n");
      session.channel.writeInbound(more);
      assertThat(more.refCnt()).isZero();
    }
  }

  @Test
  void aChunkIsRefusedAfterEarlierReplies() {
    try (GuardedSession session = new GuardedSession()) {
      session.device("NOOP\r\nbdat 3\r\nab").device("cRSET\r\n");
      assertThat(session.passed()).isEqualTo("NOOP\r\n");
      assertThat(session.heard()).isEmpty();
      session.origin("250 2.0.0 OK\r\n");
      assertThat(session.heard())
          .isEqualTo("250 2.0.0 OK\r\n502 5.5.1 CHUNKING is not offered: use DATA\r\n");
      assertThat(session.passed()).isEqualTo("RSET\r\n");
    }
  }

  @Test
  void anEmptyChunkIsRefusedAtOnce() {
    try (GuardedSession session = new GuardedSession()) {
      session.device("BDAT 0 LAST\r\n");
      assertThat(session.heard()).isEqualTo("502 5.5.1 CHUNKING is not offered: use DATA\r\n");
      assertThat(session.device("NOOP\r\n").passed()).isEqualTo("NOOP\r\n");
    }
  }

  /** The second message starts with a new line, whatever the end of the first. */
  @Test
  void findsTheEndOfEachMessageInASession() {
    try (GuardedSession session = new GuardedSession()) {
      for (int i = 0; i < 2; i++) {
        session.begun().device("DATA\r\n").origin("354 Go on\r\n").passed();
        session.device("one\r\n.\r").device("");
        assertThat(session.device("\nNOOP\r\n").passed()).isEqualTo("one\r\n.\r\nNOOP\r\n");
        session.origin("250 2.0.0 Taken\r\n250 2.0.0 OK\r\n");
      }
      session.begun().device("DATA\r\n").origin("354 Go on\r\n").passed();
      assertThat(session.device(".\r\nRSET\r\n").passed()).isEqualTo(".\r\nRSET\r\n");
    }
  }
}
