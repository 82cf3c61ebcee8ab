package org.tlsuplift.proxy.setup;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.ChannelText;
import org.tlsuplift.proxy.testing.EmbeddedParts;
import org.tlsuplift.proxy.testing.EmbeddedSocket;
import org.tlsuplift.proxy.upstream.dial.ForwardedResponse;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/** A plain HTTP request gets the head of the response, or the reason for a failure. */
class ForwardSetupTest {
  private SetupRig rig;
  private Promise<ForwardedResponse> answer;
  private ForwardSetup setup;

  @BeforeEach
  void begin() throws Exception {
    rig = new SetupRig();
    rig.device.pipeline().addFirst("http-encoder", new HttpResponseEncoder());
    answer = rig.device.eventLoop().newPromise();
    setup = rig.start(new ForwardSetup(rig.device, false, () -> answer));
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private EmbeddedSocket answer() {
    OriginConnection origin = rig.parts.readyOrigin();
    answer.setSuccess(
        new ForwardedResponse(
            new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.ACCEPTED), origin));
    rig.parts.run();
    return (EmbeddedSocket) origin.channel();
  }

  private void fail(Throwable cause) {
    answer.setFailure(cause);
    rig.parts.run();
  }

  /** The status and the text of the response that the device got. */
  private String heard() {
    String response = ChannelText.heard(rig.device);
    return response.substring("HTTP/1.1 ".length(), "HTTP/1.1 ".length() + 3)
        + response.substring(response.indexOf("\r\n\r\n") + 4);
  }

  @Test
  void opensAfterTheHeadOfTheResponse() {
    answer();
    assertThat(ChannelText.heard(rig.device)).isEqualTo("HTTP/1.1 202 Accepted\r\n\r\n");
    assertThat(rig.end.told).containsExactly("opened");
    assertThat(rig.device.pipeline().get(HttpResponseEncoder.class)).isNull();
  }

  @Test
  void answers502IfTheOriginIsUnavailable() {
    fail(rig.parts.unresolved());
    assertThat(heard()).isEqualTo("502TLS Uplift: origin.example.test:443: no such name\n");
    assertThat(rig.end.told).containsExactly("conversation ended: ORIGIN_UNRESOLVED: no such name");
  }

  @Test
  void answers504IfTheOriginIsLate() {
    Future<OriginConnection> dial = rig.parts.dial(EmbeddedParts.TARGET);
    rig.parts.pass(EmbeddedParts.LONGER);
    fail(dial.cause());
    assertThat(heard())
        .isEqualTo(
            "504TLS Uplift: origin.example.test:443: no DNS server responds in time; check the DNS"
                + " servers in /etc/resolv.conf and the network path to them\n");
  }

  @Test
  void answers403IfTheTargetIsTheProxy() {
    Future<OriginConnection> dial = rig.parts.dial(EmbeddedParts.SELF);
    rig.parts.resolve();
    fail(dial.cause());
    assertThat(heard())
        .isEqualTo(
            "403TLS Uplift: origin.example.test:3128: this is TLS Uplift itself; correct the target"
                + " in the device, or this machine's DNS: 'tls-uplift manual"
                + " dns#prevent-the-loop'\n");
    assertThat(rig.end.told).singleElement().asString().startsWith("conversation ended: LOOP: ");
  }

  @Test
  void answers500AfterAnInternalError() {
    fail(new IllegalStateException("fault"));
    assertThat(heard()).isEqualTo("500TLS Uplift: fault\n");
    assertThat(rig.end.told).containsExactly("conversation ended: INTERNAL_ERROR: fault");
  }

  @Test
  void discardsDataAfterTheRequest() {
    ByteBuf more = Unpooled.copiedBuffer("GET / HTTP/1.1\r\n\r\n", StandardCharsets.US_ASCII);
    rig.deviceSays(more);
    assertThat(more.refCnt()).isZero();
    answer();
    assertThat(rig.end.told).containsExactly("opened");
  }

  @Test
  void aDeviceThatHalfClosesGetsItsResponse() {
    rig.device.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    assertThat(rig.device.isOpen()).isTrue();
    answer();
    assertThat(ChannelText.heard(rig.device)).startsWith("HTTP/1.1 202 ");
    assertThat(rig.end.told).containsExactly("opened");
  }

  @Test
  void leavesADeviceThatClosesToTheSession() {
    rig.deviceLeaves();
    assertThat(rig.end.told).isEmpty();
    setup.abandon();
    assertThat(answer.isCancelled()).isTrue();
  }

  @Test
  void anAbandonedSetupSendsTheDeviceNothing() {
    setup.abandon();
    assertThat(answer.isCancelled()).isTrue();
    assertThat(answer.tryFailure(new IllegalStateException("late"))).isFalse();
    assertThat(rig.device.outboundMessages()).isEmpty();
    assertThat(rig.end.told).isEmpty();
  }

  @Test
  void anAbandonedSetupClosesAnOriginThatHasAnswered() {
    EmbeddedSocket origin = answer();
    setup.abandon();
    assertThat(origin.isOpen()).isFalse();
    assertThat(rig.end.told).containsExactly("opened");
  }
}
