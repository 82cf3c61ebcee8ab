package org.tlsuplift.proxy.setup;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.context.ListenerMail;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.setup.BridgeSetup.LeafNames;
import org.tlsuplift.proxy.testing.ChannelText;
import org.tlsuplift.proxy.testing.EmbeddedParts;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.Leaf;

/** The two sides of a bridge become ready, or fail, in any order. */
class BridgeSetupTest {
  private static final String UNRESOLVED = "origin.example.test:443: no such name";

  /** The certificate for the device, which the test makes or refuses. */
  private CompletableFuture<Leaf> leaf;

  private SetupRig rig;
  private @Nullable TlsPeer device;

  @BeforeEach
  void prepare() throws Exception {
    leaf =
        EmbeddedParts.AUTHORITY.source().leafFor(List.of(EmbeddedParts.HOST)).toCompletableFuture();
    rig =
        new SetupRig(
            EmbeddedParts.listener(new AcceptMode.HttpConnect(), ListenerMail.NONE),
            new CertificateSource() {
              @Override
              public CompletionStage<Leaf> leafFor(List<String> names) {
                return leaf;
              }

              @Override
              public boolean maySign(String name) {
                return true;
              }
            });
  }

  @AfterEach
  void close() {
    rig.close();
    if (device != null) {
      device.close();
    }
  }

  private BridgeSetup bridge(String... protocols) {
    return bridge(EmbeddedParts.TRUSTING, false, protocols);
  }

  /** A mail device, which gets the reason under TLS if its origin is unavailable. */
  private BridgeSetup mailBridge(String... protocols) {
    return bridge(EmbeddedParts.TRUSTING, true, protocols);
  }

  private BridgeSetup bridge(SSLContext trusting, boolean explains, String... protocols) {
    device = TlsPeer.device(rig.device, trusting, "TLSv1.2", protocols);
    return rig.start(
        new BridgeSetup(
            rig.parts.context,
            new BridgeSetup.Plan(
                rig.spec.profile().policyFor(rig.hello()),
                null,
                new LeafNames.Known(List.of(EmbeddedParts.HOST)),
                List.of(protocols),
                explains),
            () -> rig.dial));
  }

  private boolean deviceWasAnswered() {
    return !rig.device.outboundMessages().isEmpty();
  }

  @Test
  void opensWhenTheOriginFollowsTheDevice() {
    BridgeSetup bridge = bridge();
    assertThat(bridge.isHandshaking()).isTrue();
    device.talk();
    assertThat(bridge.isHandshaking()).isFalse();
    assertThat(bridge.isDeviceReady()).isTrue();
    assertThat(rig.end.told).isEmpty();
    rig.connect();
    assertThat(rig.end.told).containsExactly("opened");
    assertThat(rig.parts.seen).containsExactly("device handshake completed");
    assertThat(rig.device.config().isAllowHalfClosure()).isTrue();
  }

  @Test
  void opensWhenTheDeviceFollowsTheOrigin() {
    bridge();
    rig.connect();
    assertThat(rig.end.told).isEmpty();
    device.talk();
    assertThat(rig.end.told).containsExactly("opened");
  }

  @Test
  void keepsDataOfTheDeviceUntilTheOriginIsConnected() {
    bridge();
    device.talk();
    device.says("early");
    assertThat(rig.end.told).isEmpty();
    rig.device.pipeline().remove(PipelineNames.EVENTS);
    rig.device.pipeline().remove(PipelineNames.HOLD);
    assertThat(ChannelText.passed(rig.device)).isEqualTo("early");
  }

  @Test
  void aDeviceThatOffersAlpnWaitsForTheOrigin() {
    bridge("h2", "http/1.1");
    assertThat(deviceWasAnswered()).isFalse();
    rig.connect();
    assertThat(deviceWasAnswered()).isTrue();
    device.talk();
    assertThat(rig.end.told).containsExactly("opened");
    assertThat(device.applicationProtocol()).as("the origin chose none").isNull();
  }

  @Test
  void aDeviceWaitsForItsCertificate() {
    CompletableFuture<Leaf> made = leaf;
    leaf = new CompletableFuture<>();
    BridgeSetup bridge = bridge();
    assertThat(bridge.isHandshaking()).isFalse();
    assertThat(deviceWasAnswered()).isFalse();
    leaf.complete(made.join());
    assertThat(bridge.isHandshaking()).isTrue();
    assertThat(deviceWasAnswered()).isTrue();
  }

  @Test
  void refusesADeviceIfItsCertificateCannotBeSigned() {
    leaf = CompletableFuture.failedFuture(new OperatorException("not permitted"));
    bridge();
    assertThat(rig.end.told)
        .containsExactly("refused by alert 80: CERTIFICATE_UNAVAILABLE: not permitted");
    assertThat(deviceWasAnswered()).as("the session sends the alert").isFalse();
  }

  @Test
  void anOriginFailsBeforeTheDeviceIsAnswered() {
    bridge("http/1.1");
    rig.failDial();
    assertThat(rig.end.told)
        .containsExactly("origin failed before the device was answered: " + UNRESOLVED);
    assertThat(deviceWasAnswered()).isFalse();
  }

  @Test
  void anOriginFailsDuringTheHandshakeOfTheDevice() {
    bridge();
    rig.failDial();
    assertThat(rig.end.told)
        .containsExactly("origin failed after the device was answered: " + UNRESOLVED);
  }

  @Test
  void anOriginFailsAfterTheHandshakeOfTheDevice() {
    bridge();
    device.talk();
    rig.failDial();
    assertThat(rig.end.told)
        .containsExactly("origin failed after the device was answered: " + UNRESOLVED);
  }

  @Test
  void mailDeviceCompletesItsHandshakeBeforeItGetsTheFailure() {
    BridgeSetup bridge = mailBridge();
    rig.failDial();
    assertThat(rig.end.told).isEmpty();
    device.talk();
    assertThat(bridge.isDeviceReady()).isTrue();
    assertThat(rig.end.told)
        .containsExactly("origin failed after the device was answered: " + UNRESOLVED);
  }

  @Test
  void mailDeviceThatWaitsForTheOriginGetsItsFailure() {
    mailBridge("smtp");
    assertThat(deviceWasAnswered()).isFalse();
    rig.failDial();
    assertThat(deviceWasAnswered()).isTrue();
    device.talk();
    assertThat(rig.end.told)
        .containsExactly("origin failed after the device was answered: " + UNRESOLVED);
  }

  @Test
  void aDeviceThatRejectsTheCaEndsTheBridge() throws Exception {
    SSLContext distrusting = SSLContext.getInstance("TLS");
    distrusting.init(null, null, null);
    bridge(distrusting, false);
    device.talk();
    assertThat(rig.end.told)
        .singleElement()
        .asString()
        .startsWith("ended: DEVICE_HANDSHAKE_FAILED: the device sent alert ");
    assertThat(rig.parts.seen).containsExactly("device handshake certificate_rejected");
    assertThat(rig.dial.isCancelled()).as("the session abandons the bridge").isFalse();
  }

  @Test
  void aDeviceThatLeavesInItsHandshakeEndsTheBridge() {
    bridge();
    rig.deviceLeaves();
    assertThat(rig.end.told)
        .containsExactly("ended: DEVICE_HANDSHAKE_FAILED: the device closed the connection");
    assertThat(rig.parts.seen).containsExactly("device handshake closed");
  }

  @Test
  void aDeviceThatStopsInItsHandshakeEndsTheBridge() {
    bridge();
    rig.parts.pass(EmbeddedParts.LONGER);
    assertThat(rig.end.told)
        .containsExactly(
            "ended: DEVICE_HANDSHAKE_FAILED: the device stopped responding during the handshake");
    assertThat(rig.parts.seen).containsExactly("device handshake timeout");
  }

  @Test
  void leavesADeviceThatClosesAfterItsHandshakeToTheSession() {
    BridgeSetup bridge = bridge();
    device.talk();
    rig.deviceLeaves();
    assertThat(rig.end.told).isEmpty();
    bridge.abandon();
    assertThat(rig.dial.isCancelled()).isTrue();
    assertThat(rig.parts.seen).containsExactly("device handshake completed");
  }

  @Test
  void anAbandonedBridgeIgnoresItsCertificate() {
    CompletableFuture<Leaf> made = leaf;
    leaf = new CompletableFuture<>();
    BridgeSetup bridge = bridge();
    bridge.abandon();
    leaf.complete(made.join());
    assertThat(deviceWasAnswered()).isFalse();
    assertThat(rig.dial.isCancelled()).isTrue();
    assertThat(rig.end.told).isEmpty();
    assertThat(rig.parts.seen).as("no handshake began").isEmpty();
  }

  @Test
  void anAbandonedBridgeIgnoresThatItsCertificateIsRefused() {
    leaf = new CompletableFuture<>();
    bridge().abandon();
    leaf.completeExceptionally(new OperatorException("not permitted"));
    assertThat(rig.end.told).isEmpty();
  }

  @Test
  void anAbandonedBridgeReportsTheHandshakeOfItsDevice() {
    bridge().abandon();
    assertThat(rig.dial.isCancelled()).isTrue();
    assertThat(rig.parts.seen).containsExactly("device handshake abandoned");
    assertThat(rig.end.told).isEmpty();
  }

  @Test
  void anAbandonedBridgeClosesAnOriginThatWaitsForTheDevice() {
    BridgeSetup bridge = bridge();
    EmbeddedChannel origin = rig.connect();
    assertThat(origin.isOpen()).isTrue();
    bridge.abandon();
    assertThat(origin.isOpen()).isFalse();
  }

  @Test
  void anAbandonedBridgeClosesAnOriginThatWasOpened() {
    BridgeSetup bridge = bridge();
    device.talk();
    EmbeddedChannel origin = rig.connect();
    bridge.abandon();
    assertThat(origin.isOpen()).isFalse();
    assertThat(rig.end.told).containsExactly("opened");
  }

  @Test
  void ignoresAnOriginThatFailsAfterTheBridgeWasAbandoned() {
    bridge("http/1.1").abandon();
    assertThat(rig.dial.tryFailure(new IllegalStateException("late"))).isFalse();
    assertThat(rig.end.told).isEmpty();
  }
}
