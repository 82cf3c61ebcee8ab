package org.tlsuplift.proxy.session;

import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.negotiate.NegotiationRefused;
import org.tlsuplift.proxy.negotiate.PlainRequest;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.setup.LingeringClose;
import org.tlsuplift.proxy.setup.PlaintextSetup;
import org.tlsuplift.proxy.testing.EmbeddedParts;
import org.tlsuplift.proxy.tls.hello.HelloParse;

/** All events of a session, whether its state expects them or not. */
enum SessionEvent {
  NEGOTIATED,
  PLAIN_REQUEST,
  NEGOTIATION_REFUSED,
  HELLO_OF_MODERN_DEVICE,
  HELLO_OF_LEGACY_DEVICE,
  HELLO_FOR_ANOTHER_HOST,
  HELLO_THAT_IS_PLAINTEXT,
  HELLO_OF_SSL_2,
  HELLO_THAT_IS_MALFORMED,
  TURN,
  TLS_FOLLOWS,
  PLAINTEXT_FOLLOWS,
  ORIGIN_UNAVAILABLE,
  DEVICE_HANDSHAKE_FAILED,
  OPENED,
  ORIGIN_FAILED,
  ORIGIN_FAILED_LATE,
  REFUSED,
  ENDED,
  CONVERSATION_ENDED,
  TIMEOUT,
  DEVICE_GONE,
  DEVICE_RESET,
  FAULT,
  SHUT_DOWN,
  CLOSE;

  /** Fires the event, and runs its immediate consequences. */
  void fire(SessionRig rig) {
    event().accept(rig);
    rig.parts.run();
  }

  private Consumer<SessionRig> event() {
    return switch (this) {
      case NEGOTIATED -> rig -> rig.session.onNegotiated(EmbeddedParts.TARGET);
      case PLAIN_REQUEST ->
          rig ->
              rig.session.onPlainRequest(
                  new PlainRequest(
                      EmbeddedParts.TARGET,
                      new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/")));
      case NEGOTIATION_REFUSED ->
          rig ->
              rig.session.onNegotiationRefused(
                  new NegotiationRefused(CloseReason.NO_ROUTE, "refused", EmbeddedParts.TARGET));
      case HELLO_OF_MODERN_DEVICE ->
          rig -> hello(rig, EmbeddedParts.HOST, TlsVersion.TLS_1_3, TlsVersion.TLS_1_2);
      case HELLO_OF_LEGACY_DEVICE -> rig -> hello(rig, EmbeddedParts.HOST, TlsVersion.TLS_1_0);
      case HELLO_FOR_ANOTHER_HOST -> rig -> hello(rig, "other.example.test", TlsVersion.TLS_1_0);
      case HELLO_THAT_IS_PLAINTEXT ->
          rig -> rig.session.onHello(new HelloParse.NotTls("plain HTTP request (GET)", true));
      case HELLO_OF_SSL_2 -> rig -> rig.session.onHello(new HelloParse.NotTls("SSL 2.0", false));
      case HELLO_THAT_IS_MALFORMED ->
          rig -> rig.session.onHello(new HelloParse.Malformed("too short"));
      case TURN -> rig -> rig.parts.nextRound();
      case TLS_FOLLOWS -> rig -> rig.session.tlsFollows(null);
      case PLAINTEXT_FOLLOWS ->
          rig ->
              rig.session.plaintextFollows(new PlaintextSetup(rig.parts.context, () -> rig.dial));
      case ORIGIN_UNAVAILABLE ->
          rig -> rig.session.originUnavailable(new IOException("unavailable"));
      case DEVICE_HANDSHAKE_FAILED ->
          rig ->
              rig.session.onDeviceHandshake(
                  new SslHandshakeCompletionEvent(new SSLException("broken")));
      case OPENED -> rig -> rig.session.opened(rig.parts.readyOrigin());
      case ORIGIN_FAILED -> rig -> rig.session.originFailed(new IOException("failed"), false);
      case ORIGIN_FAILED_LATE -> rig -> rig.session.originFailed(new IOException("failed"), true);
      case REFUSED ->
          rig ->
              rig.session.refused(
                  LingeringClose.INTERNAL_ERROR,
                  CloseReason.CERTIFICATE_UNAVAILABLE,
                  Explanation.of("refused"));
      case ENDED ->
          rig -> rig.session.ended(CloseReason.DEVICE_HANDSHAKE_FAILED, Explanation.of("ended"));
      case CONVERSATION_ENDED ->
          rig -> rig.session.conversationEnded(CloseReason.DEVICE_CLOSED, Explanation.of("ended"));
      case TIMEOUT -> rig -> rig.parts.pass(EmbeddedParts.NEGOTIATION);
      case DEVICE_GONE -> rig -> rig.session.onDeviceGone();
      case DEVICE_RESET -> rig -> rig.session.onDeviceError(new IOException("Connection reset"));
      case FAULT -> rig -> rig.session.onDeviceError(new IllegalStateException("fault"));
      case SHUT_DOWN -> rig -> rig.session.shutDown();
      case CLOSE -> rig -> rig.session.close(CloseReason.IDLE_TIMEOUT, Explanation.of("closed"));
    };
  }

  private static void hello(SessionRig rig, String serverName, TlsVersion... versions) {
    rig.session.onHello(
        new HelloParse.Parsed(
            new ClientHello(
                ClientHello.Framing.TLS,
                List.of(versions),
                List.of(0x1301, 0xc02f, 0x002f),
                serverName,
                false,
                List.of(),
                List.of(0x001d),
                List.of(),
                false,
                200,
                "")));
  }
}
