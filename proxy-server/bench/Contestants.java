package org.tlsuplift.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Configures and starts both proxies for the same three origins. */
final class Contestants {
  private static final String WATCHED = "accessLog: {file: watching/access.log}\n";

  private final Settings settings;
  private final Contestant.Ports origins;
  private final Origin.Speaks speaks;
  private final FreePorts ports = new FreePorts();

  Contestants(Settings settings, Origin.Speaks speaks, Contestant.Ports origins) {
    this.settings = settings;
    this.speaks = speaks;
    this.origins = origins;
  }

  /** Whom TLS Uplift is compared with: HAProxy, or stunnel for mail, which HAProxy cannot do. */
  Contestant peer() throws IOException, InterruptedException {
    return switch (speaks) {
      case REQUESTS -> haproxy();
      case SMTP -> stunnel();
    };
  }

  private Contestant haproxy() throws IOException, InterruptedException {
    Contestant.Ports own = ports.forOrigins();
    Files.writeString(
        Path.of("haproxy.cfg"), PeerConfig.haproxy(own, origins, settings.maxSessions()));
    return Contestant.start(
        "haproxy", own, List.of(settings.haproxy(), "-db", "-f", "haproxy.cfg"));
  }

  private Contestant stunnel() throws IOException, InterruptedException {
    Contestant.Ports own = ports.forOrigins();
    Files.writeString(
        Path.of("stunnel.conf"), PeerConfig.stunnel(own, ports.forOrigins(), origins));
    return Contestant.start("stunnel", own, List.of(settings.stunnel(), "stunnel.conf"));
  }

  Contestant uplift() throws IOException, InterruptedException {
    return uplift("tls-uplift", "");
  }

  /** TLS Uplift with inventory, access log and metrics. */
  Contestant watching() throws IOException, InterruptedException {
    return uplift("watching", WATCHED);
  }

  /**
   * TLS Uplift twice in one process: with all that, and with nothing watched, not even counted.
   *
   * @param blind ports of the latter
   */
  record Twins(Contestant watching, Contestant.Ports blind) implements AutoCloseable {
    @Override
    public void close() {
      watching.close();
    }
  }

  Twins twins() throws IOException, InterruptedException {
    Contestant.Ports watching = ports.forOrigins();
    Contestant.Ports blind = ports.forOrigins();
    configure("watching", watching, WATCHED);
    configure("blind", blind, "inventory: {enabled: false}\n");
    Contestant both =
        Contestant.start(
            "twins",
            watching,
            command(
                "-cp",
                "classes:" + settings.jar(),
                Both.class.getName(),
                "watching.yaml",
                "blind.yaml",
                Boolean.toString(!settings.costControl())));
    both.await(blind);
    return new Twins(both, blind);
  }

  private Contestant uplift(String name, String more) throws IOException, InterruptedException {
    Contestant.Ports own = ports.forOrigins();
    configure(name, own, more);
    return Contestant.start(
        name, own, command("-jar", settings.jar(), "run", "--config", name + ".yaml"));
  }

  private List<String> command(String... program) {
    List<String> command = new ArrayList<>();
    command.add(settings.java());
    command.addAll(settings.javaOptions());
    command.addAll(List.of(program));
    return command;
  }

  private void configure(String name, Contestant.Ports own, String more) throws IOException {
    StringBuilder config = new StringBuilder("dataDirectory: " + name + "\nlisteners:\n");
    for (int i = 0; i < own.all().size(); i++) {
      config.append(
          """
            - name: port%1$d
              bind: 127.0.0.1:%2$d
              accept: fixed
              origin: localhost:%3$d
              profile: legacy
              whenModern: bridge
              protocol: %4$s
          """
              .formatted(
                  i,
                  own.all().get(i),
                  origins.all().get(i),
                  switch (speaks) {
                    case REQUESTS -> "tls";
                    // The port of the origin tells nothing, so both sides are STARTTLS.
                    case SMTP -> "smtp";
                  }));
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
                ports.next(),
                settings.transport(),
                settings.maxSessions()));
    config.append(more);
    Files.writeString(Path.of(name + ".yaml"), config);
  }
}
