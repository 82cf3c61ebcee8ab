package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.tls.CertificateNames;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.http.pages.DeviceInstructions;

class DeviceInstructionsSourceTest {
  @Test
  void aListenerWithoutANameHasTheFirstNameOfTheAdminPort() throws Exception {
    String listeners =
        """
        admin: {bind: "127.0.0.1:9090", serverNames: [proxy.example.test, other.example.test]}
        listeners:
          - {name: web, bind: "0.0.0.0:3128", accept: http-connect, profile: legacy}
          - {name: here, bind: "10.0.0.5:3129", accept: http-connect, profile: legacy}
          - {name: outlook, bind: "0.0.0.0:8443", accept: fixed, origin: "outlook.office365.com:443", serverNames: [uplift.example.test], profile: legacy}
        routes: [{to: [microsoft365], action: bridge}]
        """;
    assertThat(
            DeviceInstructionsSource.of(ConfigLoader.parse(listeners, "test").config(), Map.of()))
        .extracting(DeviceInstructions::server)
        .containsExactly("proxy.example.test", "10.0.0.5", "uplift.example.test");
  }

  @Test
  void listsTheDeviceSettingsOfEachListener() throws Exception {
    Map<String, String> ways =
        DeviceInstructionsSource.of(
                ConfigLoader.parse(
                        """
                        listeners:
                          - {name: web, bind: "0.0.0.0:3128", accept: http-connect, profile: legacy}
                          - {name: socks, bind: "127.0.0.1:0", accept: socks, profile: legacy}
                          - {name: outlook, bind: ["0.0.0.0:8443", "0.0.0.0:9443"], accept: fixed, origin: "outlook.office365.com:443", serverNames: [uplift.example.test], profile: legacy}
                          - {name: scan, bind: "0.0.0.0:2587", accept: fixed, origin: "smtp.office365.com:587", protocol: smtp, downstreamTls: optional, profile: legacy}
                          - {name: own, bind: "0.0.0.0:2465", accept: fixed, origin: "smtp.office365.com:587", protocol: smtp, downstreamTls: implicit, profile: legacy}
                        routes: [{to: [microsoft365], action: bridge}]
                        """,
                        "test")
                    .config(),
                Map.of(
                    "own",
                    new CertificateNames(
                        List.of("*.scan.example.test", "mail.example.test"), List.of())))
            .stream()
            .collect(
                Collectors.toMap(
                    DeviceInstructions::listener,
                    way -> String.join("; ", way.setting(), way.server(), way.port(), way.note())));

    assertThat(ways)
        .containsOnly(
            Map.entry("web", "Proxy server (HTTP and HTTPS); ; 3128; "),
            Map.entry("socks", "SOCKS proxy; 127.0.0.1; see the log; "),
            Map.entry(
                "outlook",
                "Server; uplift.example.test; 8443, 9443; leads to outlook.office365.com:443"),
            Map.entry(
                "scan",
                "Outgoing mail server (SMTP); ; 2587; STARTTLS or SSL/TLS, leads to"
                    + " smtp.office365.com:587"),
            Map.entry(
                "own",
                "Outgoing mail server (SMTP); mail.example.test; 2465; SSL/TLS, leads to"
                    + " smtp.office365.com:587; needs no CA of TLS Uplift"));
  }
}
