package org.tlsuplift.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.bench.load.Origin;

/** Configures and starts both proxies for the same three origins. */
final class Contestants {
  private static final String WATCHED = "accessLog: {file: watching/access.log}\n";

  private final Settings settings;
  private final Contestant.Ports origins;
  private final Origin.Speaks speaks;
  private final int maxSessions;
  private final String morePeer;
  private final String moreUpstream;
  private final FreePorts ports = new FreePorts();

  Contestants(Settings settings, Origin.Speaks speaks, Contestant.Ports origins) {
    this(settings, speaks, origins, settings.maxSessions());
  }

  Contestants(Settings settings, Origin.Speaks speaks, Contestant.Ports origins, int maxSessions) {
    this(settings, speaks, origins, maxSessions, "", "");
  }

  /** For origins with one key exchange. */
  Contestants(Settings settings, Contestant.Ports origins, KeyExchange keyExchange) {
    this(
        settings,
        Origin.Speaks.REQUESTS,
        origins,
        settings.maxSessions(),
        keyExchange.haproxy(),
        keyExchange.uplift());
  }

  private Contestants(
      Settings settings,
      Origin.Speaks speaks,
      Contestant.Ports origins,
      int maxSessions,
      String morePeer,
      String moreUpstream) {
    this.settings = settings;
    this.speaks = speaks;
    this.origins = origins;
    this.maxSessions = maxSessions;
    this.morePeer = morePeer;
    this.moreUpstream = moreUpstream;
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
        Path.of("haproxy.cfg"), PeerConfig.haproxy(own, origins, maxSessions, morePeer));
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
   * TLS Uplift with two groups of listeners, which differ in one thing.
   *
   * @param plain ports of the listeners without it
   * @param extra ports of the others
   */
  record Halves(Contestant proxy, Contestant.Ports plain, Contestant.Ports extra)
      implements AutoCloseable {
    @Override
    public void close() {
      proxy.close();
    }
  }

  /** One half is watched by inventory, access log and metrics, and the other by nothing. */
  Halves halfWatched() throws IOException, InterruptedException {
    return halves(HalfWatched.class, HalfWatched.BLIND, "watched", "");
  }

  /**
   * One half has the guard of SMTP sessions. The other relays the same bytes without it.
   *
   * @param rules the section {@code mail} of the listeners with the guard, or empty
   */
  Halves halfGuarded(String rules) throws IOException, InterruptedException {
    return halves(HalfGuarded.class, HalfGuarded.BARE, "guarded", rules);
  }

  private Halves halves(Class<?> main, String plainName, String extraName, String extraSettings)
      throws IOException, InterruptedException {
    Contestant.Ports plain = ports.forOrigins();
    Contestant.Ports extra = ports.forOrigins();
    configure(
        "halves", listeners(plainName, plain, "") + listeners(extraName, extra, extraSettings), "");
    Contestant both =
        Contestant.start(
            "halves",
            extra,
            pinned(
                command(
                    "-cp",
                    System.getProperty("java.class.path"),
                    main.getName(),
                    "halves.yaml",
                    Boolean.toString(!settings.costControl()))));
    both.await(plain);
    return new Halves(both, plain, extra);
  }

  private Contestant uplift(String name, String more) throws IOException, InterruptedException {
    Contestant.Ports own = ports.forOrigins();
    configure(name, listeners("port", own, ""), more);
    return Contestant.start(
        name, own, command("-jar", settings.jar(), "run", "--config", name + ".yaml"));
  }

  private List<String> pinned(List<String> command) {
    return settings.costCpu().isEmpty()
        ? command
        : Stream.concat(Stream.of("taskset", "-c", settings.costCpu()), command.stream()).toList();
  }

  private List<String> command(String... program) {
    List<String> command = new ArrayList<>();
    command.add(settings.java());
    command.addAll(settings.javaOptions());
    command.addAll(List.of(program));
    return command;
  }

  /**
   * A listener for each origin.
   *
   * @param more further settings of each, in lines with four blanks before them
   */
  private String listeners(String name, Contestant.Ports own, String more) {
    StringBuilder listeners = new StringBuilder();
    for (int i = 0; i < own.all().size(); i++) {
      listeners.append(
          """
            - name: %1$s%2$d
              bind: 127.0.0.1:%3$d
              accept: fixed
              origin: localhost:%4$d
              profile: legacy
              whenModern: bridge
              protocol: %5$s
          %6$s"""
              .formatted(
                  name,
                  i,
                  own.all().get(i),
                  origins.all().get(i),
                  switch (speaks) {
                    case REQUESTS -> "tls";
                    // The port of the origin tells nothing, so both sides are STARTTLS.
                    case SMTP -> "smtp";
                  },
                  more));
    }
    return listeners.toString();
  }

  private void configure(String name, String listeners, String more) throws IOException {
    StringBuilder config = new StringBuilder("dataDirectory: " + name + "\nlisteners:\n");
    config.append(listeners);
    config.append(
        """
        routes:
          - to: ["localhost:%1$d,%2$d,%3$d"]
            action: bridge
        upstream:
          trust: root.pem
        %8$sadmin:
          bind: 127.0.0.1:%4$d
        limits:
          maxSessions: %6$d
          maxSessionsPerDevice: %6$d
          handshakesPerSecond: 1000000
          handshakeBurst: 1000000
        transport: %5$s
        rsa: %7$s
        """
            .formatted(
                origins.full(),
                origins.resuming(),
                origins.rogue(),
                ports.next(),
                settings.transport(),
                maxSessions,
                settings.rsa(),
                moreUpstream));
    config.append(more);
    Files.writeString(Path.of(name + ".yaml"), config);
  }
}
