package org.tlsuplift.proxy.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.testing.ChannelText;

/** A device that never encrypts waits for an origin with TLS. */
class PlaintextSetupTest {
  private SetupRig rig;
  private PlaintextSetup setup;

  @BeforeEach
  void begin() throws Exception {
    rig = new SetupRig();
    setup = rig.start(new PlaintextSetup(rig.parts.context, () -> rig.dial));
  }

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void opensWhenTheOriginIsConnected() {
    assertThat(setup.isDeviceReady()).isTrue();
    assertThat(setup.isHandshaking()).isFalse();
    assertThat(rig.device.config().isAllowHalfClosure()).isTrue();
    assertThat(rig.end.told).isEmpty();
    rig.connect();
    assertThat(rig.end.told).containsExactly("opened");
  }

  @Test
  void keepsDataOfTheDeviceUntilTheRelayStarts() {
    rig.deviceSays("MAIL FROM:<a@b>\r\n");
    rig.connect();
    rig.deviceSays("RCPT TO:<c@d>\r\n");
    rig.device.pipeline().remove(PipelineNames.EVENTS);
    assertThat(ChannelText.passed(rig.device)).isEmpty();
    rig.device.pipeline().remove(PipelineNames.HOLD);
    assertThat(ChannelText.passed(rig.device)).isEqualTo("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n");
  }

  @Test
  void reportsAFailedOriginToTheDevice() {
    rig.failDial();
    assertThat(rig.end.told)
        .containsExactly(
            "origin failed after the device was answered: origin.example.test:443: no such name");
  }

  @Test
  void leavesADeviceThatClosesToTheSession() {
    ByteBuf early = Unpooled.copiedBuffer("early", StandardCharsets.US_ASCII);
    rig.deviceSays(early);
    rig.deviceLeaves();
    assertThat(rig.end.told).isEmpty();
    assertThat(early.refCnt()).as("what was kept is released").isZero();
  }

  @Test
  void anAbandonedSetupGivesUpItsDial() {
    setup.abandon();
    assertThat(rig.dial.isCancelled()).isTrue();
    assertThat(rig.dial.tryFailure(new IOException("late"))).isFalse();
    assertThat(rig.end.told).isEmpty();
  }

  @Test
  void anAbandonedSetupClosesAnOriginThatWasOpened() {
    EmbeddedChannel origin = rig.connect();
    setup.abandon();
    assertThat(origin.isOpen()).isFalse();
    assertThat(rig.end.told).containsExactly("opened");
  }

  @Test
  void reportsAFailureOnce() {
    rig.failDial();
    setup.abandon();
    assertThat(rig.end.told).hasSize(1);
  }

  @Test
  void thereIsNoHandshakeWithTheDevice() {
    assertThatIllegalStateException()
        .isThrownBy(() -> setup.onDeviceHandshake(SslHandshakeCompletionEvent.SUCCESS))
        .withMessage("the proxy does not terminate TLS of this device");
  }
}
