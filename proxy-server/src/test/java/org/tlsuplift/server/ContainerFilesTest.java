package org.tlsuplift.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.process.Version;

/** Dockerfile, config/compose.yaml and the chart agree with the program, and with each other. */
@OneJdk
class ContainerFilesTest {
  private static final Path ROOT = Path.of("..");
  private static final Path CONFIG = ROOT.resolve("config");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  /** The version before a release, which is replaced by that of its tag. */
  @Test
  void haveTheVersionOfTheProgram() throws IOException {
    String version =
        Files.readString(ROOT.resolve("pom.xml"))
            .replaceAll("(?s).*<revision>(\\S+)</revision>.*", "$1");
    assertThat(Version.current().number()).isEqualTo(System.getProperty("revision", version));

    assertThat(Files.readString(ROOT.resolve("Dockerfile")))
        .contains("\nARG VERSION=" + version + "\n", " \"-Drevision=$VERSION\" package");
    JsonNode chart = YAML.readTree(CONFIG.resolve("helm/tls-uplift/Chart.yaml").toFile());
    assertThat(chart.get("appVersion").asText()).isEqualTo(version);
    assertThat(chart.get("version").asText()).isEqualTo(version);
    assertThat(compose().at("/services/tls-uplift/image").asText())
        .isEqualTo("localhost/tls-uplift:" + version);
  }

  @Test
  void startFromImagesThatCannotChange() throws IOException {
    List<String> bases =
        Files.readAllLines(ROOT.resolve("Dockerfile")).stream()
            .filter(line -> line.startsWith("FROM "))
            .filter(line -> !line.equals("FROM scratch"))
            .toList();

    assertThat(bases)
        .isNotEmpty()
        .allMatch(line -> line.matches("FROM \\S+@sha256:[0-9a-f]{64} .*"));
    String debian =
        bases.stream().filter(line -> line.startsWith("FROM debian:")).findFirst().orElseThrow();
    assertThat(Files.readString(ROOT.resolve("Dockerfile")))
        .contains("base.digest=\"" + debian.replaceAll(".*@(\\S+) .*", "$1") + "\"");
  }

  /** The packages' files, which the image has too, are made by classes of the tests. */
  @Test
  void areBuiltWithTheClassesThatMakePackages() throws IOException {
    assertThat(Files.readString(ROOT.resolve("Dockerfile"))).contains("-Pdist");
    assertThat(Files.readAllLines(ROOT.resolve(".dockerignore")))
        .contains("!proxy-server")
        .noneMatch(line -> line.contains("src/test"));
  }

  @Test
  void runAsOneUserWithoutRights() throws IOException {
    JsonNode service = compose().at("/services/tls-uplift");
    assertThat(service.at("/read_only").asBoolean()).isTrue();
    assertThat(service.at("/cap_drop/0").asText()).isEqualTo("ALL");

    JsonNode values = YAML.readTree(CONFIG.resolve("helm/tls-uplift/values.yaml").toFile());
    String user = values.at("/podSecurityContext/runAsUser").asText();
    assertThat(Files.readString(ROOT.resolve("Dockerfile")))
        .contains("\nUSER " + user + ":" + user + "\n");
  }

  @Test
  void giveSessionsTheTimeToEnd() throws Exception {
    long drain = ConfigLoader.loadDefault().config().limits().drainTimeout().toSeconds();

    String grace = compose().at("/services/tls-uplift/stop_grace_period").asText();
    assertThat(Long.parseLong(grace.replace("s", ""))).isGreaterThan(drain + 5);
  }

  @Test
  void composeMountsFilesThatExistAndPublishesPortsThatAreOpen() throws Exception {
    JsonNode services = compose().get("services");
    List<String> ports =
        ConfigLoader.loadDefault().config().listeners().stream()
            .flatMap(listener -> listener.bind().stream())
            .map(bind -> String.valueOf(bind.port()))
            .toList();

    assertThat(texts(services.at("/tls-uplift/ports")))
        .extracting(port -> port.replaceAll(".*:", ""))
        .containsAll(ports);
    for (JsonNode service : services) {
      assertThat(texts(service.path("volumes")))
          .filteredOn(volume -> volume.startsWith("./"))
          .allMatch(volume -> Files.exists(CONFIG.resolve(volume.replaceAll(":.*", ""))));
    }
  }

  /** The addresses that prometheus.yml and the data source have are those inside of the pod. */
  @Test
  void composeNeedsNoOtherConfigurationOfPrometheusAndGrafana() throws IOException {
    JsonNode services = compose().get("services");

    for (String monitor : List.of("prometheus", "grafana")) {
      assertThat(services.at("/" + monitor + "/network_mode").asText())
          .isEqualTo("service:tls-uplift");
    }
    String dashboards =
        YAML.readTree(CONFIG.resolve("grafana/provisioning/dashboards/tls-uplift.yml").toFile())
            .at("/providers/0/options/path")
            .asText();
    assertThat(texts(services.at("/grafana/volumes")))
        .anyMatch(volume -> volume.contains(":" + dashboards + "/"));
  }

  private static JsonNode compose() throws IOException {
    return YAML.readTree(CONFIG.resolve("compose.yaml").toFile());
  }

  private static List<String> texts(JsonNode array) {
    Stream<JsonNode> all = StreamSupport.stream(array.spliterator(), false);
    return all.map(JsonNode::asText).toList();
  }
}
