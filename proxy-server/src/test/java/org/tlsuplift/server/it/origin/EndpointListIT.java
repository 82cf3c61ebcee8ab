package org.tlsuplift.server.it.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;
import org.tlsuplift.server.testing.platform.EndpointService;
import org.tlsuplift.server.testing.platform.EndpointService.Fault;

/**
 * A daemon follows the endpoint list that a copy of Microsoft's web service publishes, through an
 * upstream proxy, which is a second daemon.
 *
 * <p>The proxy also makes it possible to reach this machine: no listed name may lead there
 * directly.
 */
class EndpointListIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String BUNDLED = "2026081400";
  private static final CurlDevice OLD = new CurlDevice("1.0", "ALL");

  private static TestCa ca;
  private static Site site;
  private static Daemon proxy;

  private EndpointService service;

  @BeforeAll
  static void startOriginAndProxy() {
    ca = new TestCa(lab);
    site = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, site);
    proxy =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: modern}
            routes:
              - {to: ["localhost:1024-65535"], action: tunnel}
            """,
            "--verbose");
  }

  @BeforeEach
  void startService() {
    Identity identity = ca.issue("localhost");
    service = lab.add(EndpointService.start(identity.key(), identity.certificate()));
    service.publish(BUNDLED, EndpointService.bundled());
  }

  /**
   * Starts a daemon.
   *
   * @param microsoft365 more keys of the section
   */
  private Daemon start(String microsoft365) {
    return Daemon.start(
        lab,
        """
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        routes:
          - {to: [microsoft365], action: bridge}
        upstream: {trust: "%s", via: "http://%s"}
        microsoft365: {url: "%s"%s}
        certificateAuthority: {nameConstraints: false}
        """
            .formatted(
                ca.file(), Loopback.text(proxy.listener("web")), service.url(), microsoft365));
  }

  private static Run visit(Daemon daemon) {
    return OLD.attempt(Way.connect(daemon, "web", site.byName()));
  }

  private static Run endpoints(Daemon daemon, String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = "endpoints";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[arguments.length + 1] = "--config";
    all[arguments.length + 2] = Daemon.config(daemon.folder()).toString();
    return CommandLineRun.of(all);
  }

  private static void awaitVersion(Daemon daemon, String version) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(daemon.metrics().sum("tlsuplift_endpoint_list_version"))
                    .isEqualTo(Long.parseLong(version)));
  }

  @Test
  void servesANameThatItFindsAtItsFirstCheck() {
    service.publish("2026112700", EndpointService.bundledWith("localhost", site.port()));
    Daemon daemon = start("");

    awaitVersion(daemon, "2026112700");

    assertThat(visit(daemon).succeeded().output()).contains(site.answer("localhost"));
    assertThat(daemon.output())
        .contains("endpoint list 2026112700 of Microsoft 365 replaces 2026081400")
        .contains("added localhost");
    assertThat(daemon.metrics().sum("tlsuplift_endpoint_list_age_seconds")).isBetween(0L, 60L);
    assertThat(service.asked()).containsExactly("version", "endpoints");
    assertThat(proxy.output()).contains(service.url().substring("https://".length()));
  }

  @Test
  void servesANameThatTheCommandFetchedWithoutARestart() {
    Daemon daemon = start("");
    await().until(() -> service.asked().contains("version"));
    assertThat(daemon.metrics().sum("tlsuplift_endpoint_list_version"))
        .isEqualTo(Long.parseLong(BUNDLED));
    assertThat(visit(daemon).exit()).isNotZero();
    daemon.awaitSessionLine(0, "reason", "no_route", "target", site.byName());
    service.publish("2026112701", EndpointService.bundledWith("localhost", site.port()));

    Run refreshed = endpoints(daemon, "refresh").succeeded();

    assertThat(refreshed.output())
        .contains("2026112701 replaces 2026081400")
        .contains("names: added localhost; removed none");
    awaitVersion(daemon, "2026112701");
    assertThat(visit(daemon).succeeded().output()).contains(site.answer("localhost"));
    assertThat(endpoints(daemon, "show").succeeded().output())
        .contains("version   2026112701", "fetched ");
    assertThat(endpoints(daemon, "show", "microsoft365").succeeded().output())
        .contains(site.byName());
    assertThat(endpoints(daemon, "diff").succeeded().output())
        .contains("bundled   2026081400", "stored    2026112701", "  + " + site.byName());
  }

  @Test
  void keepsServingIfTheServiceReturnsInvalidLists() {
    service.publish("2026112702", EndpointService.bundledWith("localhost", site.port()));
    Daemon daemon = start("");
    awaitVersion(daemon, "2026112702");

    service.publish(
        "2026112703", "[{\"id\": 1, \"serviceArea\": \"Exchange\", \"urls\": [\"a.example\"]}]");
    Run shrunk = endpoints(daemon, "refresh");
    service.publish("2026112703", "[{\"id\":");
    Run broken = endpoints(daemon, "refresh");
    service.publish("2022072800", EndpointService.bundled());
    Run older = endpoints(daemon, "refresh");
    service.publish("2026112704", EndpointService.bundled());
    service.suffer(Fault.NO_MORE_LISTS);
    Run tooMany = endpoints(daemon, "refresh");
    service.suffer(Fault.NONE);
    Run waiting = endpoints(daemon, "refresh");

    assertThat(shrunk.exit()).isEqualTo(1);
    assertThat(shrunk.output()).contains("lacks 63 of 64 endpoint sets");
    assertThat(broken.exit()).isEqualTo(1);
    assertThat(broken.output()).contains("is not a list of endpoints");
    assertThat(older.exit()).isEqualTo(1);
    assertThat(older.output()).contains("is older than 2026112702");
    assertThat(tooMany.output()).contains("responded 429 (too many requests)");
    assertThat(waiting.output()).contains("try again after ");
    assertThat(daemon.metrics().sum("tlsuplift_endpoint_list_version")).isEqualTo(2026112702L);
    assertThat(visit(daemon).succeeded().output()).contains(site.answer("localhost"));
  }

  @Test
  void keepsItsListAfterARestartWithRefreshNever() {
    service.publish("2026112705", EndpointService.bundledWith("localhost", site.port()));
    Daemon daemon = start(", refresh: never");
    assertThat(daemon.metrics().sum("tlsuplift_endpoint_list_version"))
        .isEqualTo(Long.parseLong(BUNDLED));
    assertThat(Metrics.get(daemon.admin(), "/"))
        .contains("ndpoint list 2026081400 of Microsoft 365", "tls-uplift endpoints refresh");
    endpoints(daemon, "refresh").succeeded();
    awaitVersion(daemon, "2026112705");
    assertThat(Metrics.get(daemon.admin(), "/")).doesNotContain("ndpoint list 2026");
    int asked = service.requests().size();
    daemon.terminate();
    daemon.awaitExit(Duration.ofSeconds(30));

    Daemon again = Daemon.start(lab, Machine.HERE, daemon.folder(), yaml(daemon));

    assertThat(again.metrics().sum("tlsuplift_endpoint_list_version")).isEqualTo(2026112705L);
    assertThat(visit(again).succeeded().output()).contains(site.answer("localhost"));
    assertThat(service.requests()).hasSize(asked);
  }

  /** The configuration of a daemon without what every start adds. */
  private static String yaml(Daemon daemon) {
    try {
      String all = Files.readString(Daemon.config(daemon.folder()));
      return all.substring(all.indexOf("listeners:"));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
