package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.config.load.ConfigLoader;
import org.tlsuplift.server.pages.DeviceInstructions;

class DeviceInstructionsSourceTest {
  @Test
  void eachListenerSaysWhatIsSetInADevice() throws Exception {
    Map<String, String> ways =
        DeviceInstructionsSource.of(
                ConfigLoader.parse(
                        """
                        listeners:
                          - {name: web, bind: "0.0.0.0:3128", accept: http-connect, profile: legacy}
                          - {name: socks, bind: "127.0.0.1:0", accept: socks, profile: legacy}
                          - {name: outlook, bind: ["0.0.0.0:8443", "0.0.0.0:9443"], accept: fixed, origin: "outlook.office365.com:443", profile: legacy}
                          - {name: scan, bind: "0.0.0.0:2587", accept: fixed, origin: "smtp.office365.com:587", protocol: smtp, downstreamTls: optional, profile: legacy}
                        routes: [{to: [microsoft365], action: bridge}]
                        """,
                        "test")
                    .config())
            .stream()
            .collect(
                Collectors.toMap(
                    DeviceInstructions::listener, way -> way.port() + ": " + way.setting()));

    assertThat(ways)
        .containsOnly(
            Map.entry("web", "3128: this machine as its HTTP(S) proxy"),
            Map.entry("socks", "any free one: see the log: this machine as its SOCKS proxy"),
            Map.entry("outlook", "8443, 9443: this machine in place of outlook.office365.com:443"),
            Map.entry(
                "scan",
                "2587: this machine as its mail server (SMTP), with STARTTLS or SSL/TLS, for"
                    + " smtp.office365.com:587"));
  }
}
