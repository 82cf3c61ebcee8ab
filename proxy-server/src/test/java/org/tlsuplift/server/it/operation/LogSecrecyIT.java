package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.device.RawDevice;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;

/** Neither payload nor credentials are ever logged, also not by sessions that fail. */
class LogSecrecyIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String MARKER = "Geheimnis";
  private static final String ENCODED =
      Base64.getEncoder().encodeToString(("user:" + MARKER).getBytes(StandardCharsets.US_ASCII));

  @Test
  void logsNoPayloadAndNoCredentials() throws IOException {
    TestCa ca = new TestCa(lab);
    JsseOrigin origin = JsseOrigin.start(lab, ca.issue("localhost"), Conversations::agreement);
    Daemon daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
              - {name: fixed, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: legacy}
            routes:
              - {to: ["localhost:1024-65535"], action: bridge}
            upstream: {trust: "%2$s"}
            """
                .formatted(origin.byName(), ca.file()),
            "--verbose");
    Way way = Way.connect(daemon, "web", origin.byName());

    Run run =
        new CurlDevice("1.0", "ALL")
            .attempt(way, "--proxy-user", "user:" + MARKER, "-u", "user:" + MARKER, "-d", MARKER)
            .succeeded();
    assertThat(run.output()).contains(Conversations.answer("localhost"));
    refused(daemon, "web", "GET http://user:" + MARKER + "@localhost/ HTTP/1.1\r\n\r\n");
    refused(daemon, "web", "CONNECT user:" + MARKER + "@localhost:1 HTTP/1.1\r\n\r\n");
    refused(daemon, "web", "POST / HTTP/1.1\r\nAuthorization: " + MARKER + "\r\n\r\n" + MARKER);
    refused(daemon, "web", MARKER + "\r\n\r\n");
    refused(daemon, "fixed", "AUTH PLAIN " + ENCODED + "\r\n");
    refused(daemon, "fixed", MARKER);
    refused(
        daemon, "fixed", "\u0016\u0003\u0001\u0000\u0010\u0001\u0000\u0000\u000c" + MARKER + "abc");
    String connect = "CONNECT " + origin.byName() + " HTTP/1.1\r\nProxy-Authorization: Basic ";
    refused(daemon, "web", connect + ENCODED + "\r\n\r\n" + MARKER);
    daemon.awaitSessions(0);

    // What must be there, so that an empty log does not pass.
    daemon.awaitOutput(0, "not_tls");
    daemon.awaitOutput(0, "negotiation_refused");
    assertThat(daemon.output()).contains("not_tls").contains("negotiation_refused");
    assertThat(daemon.output()).doesNotContain(MARKER).doesNotContain(ENCODED);
  }

  private static void refused(Daemon daemon, String listener, String bytes) throws IOException {
    try (RawDevice device = RawDevice.to(daemon.listener(listener))) {
      device.send(bytes);
      device.readAll();
    }
  }
}
