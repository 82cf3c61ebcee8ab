package org.tlsuplift.proxy.tls.hello;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.tls.hello.HelloBytes.hello;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The handler holds all bytes, decides once, and passes all bytes on. */
class ClientHelloHandlerTest {
  private final List<HelloParse> heard = new ArrayList<>();
  private final ReadCounter reads = new ReadCounter();
  private final ClientHelloHandler handler = new ClientHelloHandler();
  private final EmbeddedChannel channel = new EmbeddedChannel(false, false);

  /** Records the event, as the session does. */
  private final class Events extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      heard.add((HelloParse) event);
    }
  }

  private void open(boolean autoRead) throws Exception {
    channel.config().setAutoRead(autoRead);
    channel.pipeline().addLast(reads, handler, new Events());
    channel.register();
  }

  @AfterEach
  void releasesEverything() {
    channel.finishAndReleaseAll();
  }

  private String passedOn() {
    StringBuilder digits = new StringBuilder();
    for (ByteBuf in = channel.readInbound(); in != null; in = channel.readInbound()) {
      digits.append(HelloBytes.digits(in));
      in.release();
    }
    return digits.toString();
  }

  @Test
  void decidesOnceAndHoldsTheBytesUntilItIsRemoved() throws Exception {
    open(true);
    ByteBuf bytes = hello("0301", "0005").bytes();
    String sent = HelloBytes.digits(bytes) + "1403";
    channel.writeInbound(bytes);
    channel.writeInbound(HelloBytes.hex("1403"));
    assertThat(heard).singleElement().isInstanceOf(HelloParse.Parsed.class);
    assertThat(passedOn()).isEmpty();

    channel.pipeline().remove(handler);
    assertThat(passedOn()).isEqualTo(sent);
    assertThat(heard).hasSize(1);
  }

  @Test
  void putsTheHelloTogetherFromSingleBytes() throws Exception {
    open(true);
    ByteBuf bytes = hello("0301", "0005").serverName("a.example").records(1);
    HelloParse whole = ClientHelloParser.parse(bytes);
    while (bytes.isReadable()) {
      assertThat(heard).isEmpty();
      channel.writeInbound(bytes.readRetainedSlice(1));
    }
    bytes.release();
    assertThat(heard).containsExactly(whole);
  }

  @Test
  void mayBeReplacedDuringTheEvent() throws Exception {
    channel.pipeline().addLast(handler, new Replacing());
    channel.register();
    ByteBuf bytes = hello("0301", "0005").bytes();
    String sent = HelloBytes.digits(bytes);
    channel.writeInbound(bytes);
    assertThat(passedOn()).isEqualTo(sent);
    assertThat(channel.pipeline().get("next")).isNotNull();
  }

  private final class Replacing extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      ctx.pipeline().replace(handler, "next", new Next());
    }
  }

  /** Represents the TLS engine that replaces the handler. */
  private static final class Next extends ChannelInboundHandlerAdapter {}

  @Test
  void readsWhileItNeedsMoreAndNotAfterwards() throws Exception {
    open(false);
    int atStart = reads.count();
    assertThat(atStart).isPositive();
    ByteBuf bytes = hello("0301", "0005").bytes();
    channel.writeInbound(bytes.readRetainedSlice(7));
    assertThat(reads.count()).isEqualTo(atStart + 1);
    channel.writeInbound(bytes);
    assertThat(heard).hasSize(1);
    assertThat(reads.count()).isEqualTo(atStart + 1);
    channel.writeInbound(HelloBytes.hex("1403"));
    assertThat(reads.count()).isEqualTo(atStart + 1);
  }

  @Test
  void doesNotReadIfAutoReadIsOn() throws Exception {
    open(true);
    int atStart = reads.count();
    channel.writeInbound(HelloBytes.hex("16"));
    channel.pipeline().fireChannelReadComplete();
    assertThat(reads.count() - atStart).isLessThanOrEqualTo(2);
    assertThat(heard).isEmpty();
  }

  @Test
  void boundsTheHeldBytes() throws Exception {
    open(true);
    ByteBuf bytes = hello("0303", "c02f").extension("0015", "00".repeat(60_000)).records(50);
    while (heard.isEmpty() && bytes.isReadable()) {
      channel.writeInbound(bytes.readRetainedSlice(1 << 14));
    }
    assertThat(bytes.readerIndex()).isEqualTo(ClientHelloParser.MAX_BYTES);
    bytes.release();
    assertThat(heard)
        .containsExactly(new HelloParse.Malformed("the ClientHello is longer than 65536 bytes"));
  }

  @Test
  void namesTheOtherProtocol() throws Exception {
    open(true);
    channel.writeInbound(HelloBytes.ascii("GET"));
    assertThat(heard).isEmpty();
    channel.writeInbound(HelloBytes.ascii(" / HTTP/1.1\r\n"));
    assertThat(heard).containsExactly(new HelloParse.NotTls("plain HTTP request (GET)"));
  }

  @Test
  void releasesItsBufferWhenTheDeviceCloses() throws Exception {
    open(true);
    ByteBuf half = channel.alloc().buffer().writeBytes(hello("0301", "0005").bytes(), 20);
    channel.writeInbound(half);
    assertThat(channel.close().isSuccess()).isTrue();
    assertThat(half.refCnt()).isZero();
    assertThat(heard).isEmpty();
  }
}
