package org.tlsuplift.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Configures and starts both proxies for the same three origins. */
final class Contestants {
  /** Below the range from which Linux takes the ports of outgoing connections. */
  private static final int MIN_PORT = 21000;

  private static final int MAX_PORT = 32000;

  private final Settings settings;
  private final Contestant.Ports origins;
  private int nextPort = MIN_PORT;

  Contestants(Settings settings, Contestant.Ports origins) {
    this.settings = settings;
    this.origins = origins;
  }

  Contestant haproxy() throws IOException, InterruptedException {
    Contestant.Ports ports = freePorts();
    StringBuilder config =
        new StringBuilder(
            """
            global
              nbthread 2
              maxconn %d
              ssl-default-bind-options ssl-min-ver TLSv1.0
              # Level 0: OpenSSL 3 allows no TLS 1.0 above it.
              ssl-default-bind-ciphers ALL:@SECLEVEL=0
              ssl-default-server-options ssl-min-ver TLSv1.2
              ssl-default-server-ciphers ECDHE-ECDSA-AES128-GCM-SHA256
            defaults
              mode tcp
              timeout connect 5s
              timeout client 10m
              timeout server 10m
            """
                .formatted(maxSessions()));
    for (int i = 0; i < ports.all().size(); i++) {
      config.append(
          """
          listen port%1$d
            bind 127.0.0.1:%1$d ssl crt haproxy.pem
            server origin 127.0.0.1:%2$d ssl verify required ca-file root.pem verifyhost localhost sni str(localhost)
          """
              .formatted(ports.all().get(i), origins.all().get(i)));
    }
    Files.writeString(Path.of("haproxy.cfg"), config);
    return Contestant.start(
        "haproxy", ports, List.of(settings.haproxy(), "-db", "-f", "haproxy.cfg"));
  }

  Contestant uplift() throws IOException, InterruptedException {
    Contestant.Ports ports = freePorts();
    StringBuilder config = new StringBuilder("dataDirectory: data\nlisteners:\n");
    for (int i = 0; i < ports.all().size(); i++) {
      config.append(
          """
            - name: port%1$d
              bind: 127.0.0.1:%2$d
              accept: fixed
              origin: localhost:%3$d
              profile: legacy
              whenModern: bridge
          """
              .formatted(i, ports.all().get(i), origins.all().get(i)));
    }
    config.append(
        """
        routes:
          - to: ["localhost:%1$d,%2$d,%3$d"]
            action: bridge
        upstream:
          trust: root.pem
        admin:
          bind: 127.0.0.1:%4$d
        limits:
          maxSessions: %6$d
          maxSessionsPerDevice: %6$d
        transport: %5$s
        """
            .formatted(
                origins.full(),
                origins.resuming(),
                origins.rogue(),
                freePort(),
                settings.transport(),
                maxSessions()));
    Files.writeString(Path.of("tls-uplift.yaml"), config);
    List<String> command = new ArrayList<>();
    command.add(settings.java());
    command.addAll(settings.javaOptions());
    command.addAll(List.of("-jar", settings.jar(), "run", "--config", "tls-uplift.yaml"));
    return Contestant.start("tls-uplift", ports, command);
  }

  /** No more than needed: HAProxy does not start when it could not open as many files. */
  private int maxSessions() {
    return settings.tunnels() + 1000;
  }

  private Contestant.Ports freePorts() {
    return new Contestant.Ports(freePort(), freePort(), freePort());
  }

  private int freePort() {
    while (nextPort < MAX_PORT) {
      try (ServerSocket socket =
          new ServerSocket(nextPort++, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException taken) {
        // The next one, then.
      }
    }
    throw new IllegalStateException("no free port from " + MIN_PORT + " to " + MAX_PORT);
  }
}
