package org.tlsuplift.server.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.microsoft365.ListName;
import org.tlsuplift.server.microsoft365.PublishedList;
import org.tlsuplift.server.testing.GeneratedPage;

/** The page 'firewall' has the ports and hosts that the program uses. */
@OneJdk
class FirewallPageTest {
  private static final String PAGE = "firewall.md";
  private static final Pattern HOST = Pattern.compile("`([a-z0-9.-]+)`");

  @ParameterizedTest
  @EnumSource(Port.class)
  void hasEachListenerOfInit(Port port) throws IOException {
    assertThat(rows("To TLS Uplift"))
        .anySatisfy(
            row -> assertThat(row).containsSubsequence(String.valueOf(port.number), port.label()));
  }

  @Test
  void hasEachListenerAndTheAdminPortOfTheDefaultConfiguration() throws Exception {
    ServerConfig config = defaults();
    for (ListenerConfig listener : config.listeners()) {
      int port = listener.bind().get(0).port();
      assertThat(rows("To TLS Uplift"))
          .anySatisfy(
              row -> assertThat(row).containsSubsequence(String.valueOf(port), listener.name()));
    }
    assertThat(rows("To TLS Uplift"))
        .anySatisfy(
            row ->
                assertThat(row)
                    .containsSubsequence(
                        String.valueOf(config.admin().bind().port()), "admin port"));
    URI list = config.microsoft365().url();
    assertThat(rows("From TLS Uplift")).anyMatch(row -> row.contains("`" + list.getHost() + "`"));
  }

  @ParameterizedTest
  @EnumSource(Cloud.class)
  void hasHostsOfEachCloudThatRoutesAllow(Cloud cloud) throws IOException {
    EndpointList allowed = ListName.EXCHANGE.select(PublishedList.bundled(cloud));
    List<String> columns =
        rows("Hosts of each cloud").stream()
            .filter(row -> row.startsWith("| `" + cloud.label() + "` |"))
            .map(row -> Arrays.asList(row.split("\\|", -1)))
            .findFirst()
            .orElseThrow();

    assertThat(hosts(columns.get(2)))
        .containsExactly(cloud.mailboxHost())
        .allMatch(host -> allowed.contains(new HostPort(host, 443)))
        .allMatch(host -> allowed.contains(new HostPort(host, 993)));
    assertThat(hosts(columns.get(3)))
        .contains(cloud.smtpHost())
        .allMatch(host -> allowed.contains(new HostPort(host, 587)));
    assertThat(hosts(columns.get(4)))
        .containsExactly(URI.create(cloud.authority()).getHost())
        .allMatch(host -> allowed.contains(new HostPort(host, 443)));
  }

  private static ServerConfig defaults() throws Exception {
    Path yaml = Path.of("..", "config", "tls-uplift.yaml");
    return ConfigLoader.parse(Files.readString(yaml), yaml.toString()).config();
  }

  private static List<String> hosts(String column) {
    return HOST.matcher(column).results().map(host -> host.group(1)).toList();
  }

  /** The rows of the table under a heading. */
  private static List<String> rows(String heading) throws IOException {
    return Files.readAllLines(GeneratedPage.MANUAL.resolve(PAGE)).stream()
        .dropWhile(line -> !line.equals("## " + heading))
        .skip(1)
        .takeWhile(line -> !line.startsWith("## "))
        .filter(line -> line.startsWith("|"))
        .skip(2)
        .toList();
  }
}
