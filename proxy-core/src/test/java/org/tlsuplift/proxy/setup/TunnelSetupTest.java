package org.tlsuplift.proxy.setup;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.testing.ChannelText;
import org.tlsuplift.proxy.testing.EmbeddedParts;
import org.tlsuplift.proxy.testing.EmbeddedSocket;
import org.tlsuplift.proxy.testing.TlsRecords;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.UpstreamInitializer;

/** A modern device and its origin use their own TLS, which the guards check. */
class TunnelSetupTest {
  private SetupRig rig;
  private TlsPeer device;

  @BeforeEach
  void prepare() throws Exception {
    rig = new SetupRig();
  }

  @AfterEach
  void close() {
    rig.close();
    device.close();
  }

  private TunnelSetup tunnel(String version) {
    return tunnel(version, rig.dial);
  }

  private TunnelSetup tunnel(String version, Future<OriginConnection> dial) {
    device = TlsPeer.device(rig.device, EmbeddedParts.TRUSTING, version);
    ClientHello hello = rig.hello();
    return rig.start(new TunnelSetup(rig.parts.context, hello, () -> dial, rig.end::ended));
  }

  /** Removes the handlers that hold the bytes of both sides, as the relay does at its start. */
  private EmbeddedSocket flow() {
    EmbeddedSocket origin = rig.connect();
    rig.device.pipeline().remove(PipelineNames.EVENTS);
    rig.device.pipeline().remove(PipelineNames.HOLD);
    origin.pipeline().remove(UpstreamInitializer.HOLD);
    return origin;
  }

  private static ByteBuf ascii(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  @Test
  void opensWithGuardsOnBothSides() {
    TunnelSetup tunnel = tunnel("TLSv1.3");
    assertThat(tunnel.isDeviceReady()).isTrue();
    assertThat(rig.end.told).isEmpty();
    EmbeddedSocket origin = rig.connect();
    assertThat(rig.end.told).containsExactly("opened");
    assertThat(rig.device.pipeline().names())
        .containsSubsequence(
            PipelineNames.HOLD,
            PipelineNames.RECORDS,
            PipelineNames.SECOND_HELLO,
            PipelineNames.EVENTS);
    assertThat(origin.pipeline().names())
        .containsSubsequence(
            UpstreamInitializer.GUARD, UpstreamInitializer.RECORDS, UpstreamInitializer.HOLD);
  }

  @Test
  void forwardsTheHelloOfTheDevice() {
    tunnel("TLSv1.3");
    flow();
    assertThat(ChannelText.passed(rig.device)).startsWith("\u0016\u0003");
    assertThat(rig.end.told).containsExactly("opened");
  }

  @Test
  void onlyTls13HasASecondHello() {
    tunnel("TLSv1.2");
    rig.connect();
    assertThat(rig.device.pipeline().get(PipelineNames.RECORDS)).isNotNull();
    assertThat(rig.device.pipeline().get(PipelineNames.SECOND_HELLO)).isNull();
  }

  @Test
  void reportsTheVersionThatTheOriginAgreesTo() {
    tunnel("TLSv1.2");
    EmbeddedSocket origin = flow();
    origin.writeInbound(Unpooled.wrappedBuffer(TlsRecords.serverHello()));
    assertThat(rig.parts.seen).containsExactly("tunnel agreed TLSv1.2");
    assertThat(rig.end.told).containsExactly("opened");
  }

  @Test
  void anOriginThatAgreesToLegacyTlsEndsTheTunnel() {
    tunnel("TLSv1.2");
    EmbeddedSocket origin = flow();
    byte[] hello = TlsRecords.serverHello();
    // server_version: after the record's header and the message's.
    hello[10] = 1;
    origin.writeInbound(Unpooled.wrappedBuffer(hello));
    assertThat(rig.end.told)
        .containsExactly("opened", "ended: ORIGIN_BELOW_FLOOR: the origin chose TLSv1 in a tunnel");
    assertThat(ChannelText.passed(origin)).as("nothing of it reaches the device").isEmpty();
  }

  @Test
  void anOriginThatSpeaksNoTlsEndsTheTunnel() {
    tunnel("TLSv1.2");
    flow().writeInbound(ascii("220 origin ESMTP\r\n"));
    assertThat(rig.end.told)
        .hasSize(2)
        .last()
        .asString()
        .startsWith("ended: ORIGIN_HANDSHAKE_FAILED: ")
        .endsWith("; check the origin's port");
  }

  @Test
  void plaintextFromTheDeviceEndsTheTunnel() {
    tunnel("TLSv1.2");
    flow();
    rig.deviceSays("GET / HTTP/1.1\r\n\r\n");
    assertThat(rig.end.told)
        .containsExactly(
            "opened", "ended: NOT_TLS: the device sent bytes other than TLS in the tunnel");
  }

  @Test
  void anOriginFailsBeforeTheDeviceIsAnswered() {
    tunnel("TLSv1.3");
    rig.failDial();
    assertThat(rig.end.told)
        .containsExactly(
            "origin failed before the device was answered: origin.example.test:443: no such name");
    assertThat(rig.device.outboundMessages()).isEmpty();
  }

  @Test
  void leavesADeviceThatClosesToTheSession() {
    TunnelSetup tunnel = tunnel("TLSv1.3");
    ByteBuf early = ascii("early");
    rig.deviceSays(early);
    rig.deviceLeaves();
    assertThat(rig.end.told).isEmpty();
    assertThat(early.refCnt()).as("what was kept is released").isZero();
    tunnel.abandon();
    assertThat(rig.dial.isCancelled()).isTrue();
  }

  @Test
  void anAbandonedTunnelGivesUpItsDial() {
    tunnel("TLSv1.3").abandon();
    assertThat(rig.dial.isCancelled()).isTrue();
    assertThat(rig.end.told).isEmpty();
  }

  @Test
  void anAbandonedTunnelClosesAnOriginThatWasOpened() {
    TunnelSetup tunnel = tunnel("TLSv1.3");
    EmbeddedSocket origin = rig.connect();
    tunnel.abandon();
    assertThat(origin.isOpen()).isFalse();
    assertThat(rig.end.told).containsExactly("opened");
  }

  @Test
  void aNameThatIsResolvedAfterTheTunnelWasAbandonedIsNotConnectedTo() {
    tunnel("TLSv1.3", rig.parts.dial(EmbeddedParts.TARGET)).abandon();
    rig.parts.resolve();
    assertThat(rig.parts.origins()).allMatch(origin -> !origin.isOpen());
    assertThat(rig.end.told).isEmpty();
  }

  @Test
  void aConnectionThatIsMadeInTheMomentTheTunnelIsAbandonedIsClosed() {
    Future<OriginConnection> dial = rig.parts.dial(EmbeddedParts.TARGET);
    TunnelSetup tunnel = tunnel("TLSv1.3", dial);
    rig.parts.answerNames();
    assertThat(rig.parts.origin().isOpen()).isTrue();
    assertThat(dial.isDone()).as("connected").isFalse();
    tunnel.abandon();
    rig.parts.run();
    assertThat(rig.parts.origin().isOpen()).isFalse();
    assertThat(rig.end.told).isEmpty();
  }
}
