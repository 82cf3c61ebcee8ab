package org.tlsuplift.proxy.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class QuickAckTest {
  /** The bytes of one read of an upload. */
  private static final int BULK = 32 << 10;

  private int set;

  /** Counts how often the option is set. */
  private final class Device extends EmbeddedChannel {
    private final ChannelConfig counting =
        new DefaultChannelConfig(this) {
          @Override
          public <T> boolean setOption(ChannelOption<T> option, T value) {
            if (option.equals(ChannelOption.TCP_NODELAY)) {
              set++;
              return true;
            }
            return super.setOption(option, value);
          }
        };

    @Override
    public ChannelConfig config() {
      return counting == null ? super.config() : counting;
    }
  }

  @AutoClose private final EmbeddedChannel device = new Device();
  private final QuickAck ack = QuickAck.with(device, ChannelOption.TCP_NODELAY);

  @Test
  void eachSmallPartIsAcknowledgedAtOnce() {
    ack.received(0);
    assertThat(set).as("a part of a record").isEqualTo(1);
    ack.received(200);
    assertThat(set).as("a small record").isEqualTo(2);
  }

  @Test
  void largeReadsOfAnUploadCostNoSystemCall() {
    for (int read = 0; read < 1000; read++) {
      ack.received(BULK);
    }
    assertThat(set).isZero();
  }

  @Test
  void anUploadInSmallPartsCostsAFewSystemCallsUntilTheNextResponse() {
    for (int read = 0; read < 1000; read++) {
      ack.received(read % 2 == 0 ? 0 : 500);
    }
    assertThat(set).isEqualTo(QuickAck.MAX_PARTS);
    ack.sent();
    ack.received(500);
    assertThat(set).isEqualTo(QuickAck.MAX_PARTS + 1);
  }

  @Test
  void aClosedChannelIsLeftAlone() {
    var unused = device.close();
    ack.received(0);
    assertThat(set).isZero();
  }

  @Test
  void otherTransportsHaveNoOption() {
    QuickAck.of(device).received(0);
    assertThat(set).isZero();
  }

  @Test
  void partsOfHandshakeMessagesAreAcknowledgedUntilTheHandshakeIsComplete() {
    device.pipeline().addLast(ack);
    device.pipeline().addLast(new LastMessage());
    device.writeInbound(Unpooled.wrappedBuffer(new byte[] {1}));
    assertThat(set).isEqualTo(1);
    device.writeInbound(Unpooled.wrappedBuffer(new byte[] {2}));
    device.writeInbound(Unpooled.wrappedBuffer(new byte[] {3}));
    assertThat(set).isEqualTo(1);
  }

  @Test
  void aRoundWithoutBytesOfTheHandshakeCostsNoSystemCall() {
    device.pipeline().addLast(ack);
    device.pipeline().fireChannelReadComplete();
    assertThat(set).isZero();
  }

  @Test
  void startOfTheRelayAcknowledgesAtMostOnce() {
    ack.started();
    assertThat(set).isEqualTo(1);
    ack.started();
    assertThat(set).isEqualTo(1);
  }

  /** Ends the handshake with the second message. */
  private static final class LastMessage extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      if (bytes.readByte() == 2) {
        ctx.pipeline().remove(QuickAck.class);
      }
      bytes.release();
    }
  }
}
