package org.tlsuplift.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.testing.ClientAuthority;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.it.lab.Peers;

/** The chart in config/helm, with the real Helm and the program's own configuration. */
@OneJdk
class HelmChartTest {
  private static final Path CHART = Path.of("..", "config", "helm", "tls-uplift").toAbsolutePath();
  private static final Path VALUES = Path.of("src", "test", "helm").toAbsolutePath();
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"small", "sign-in", "proxy-protocol"})
  void isCleanToHelmLint(String values) throws IOException {
    LintResult result = new Helm(chartWith(values)).lint().strict().call();

    assertThat(result.isFailed()).as(result.getMessages().toString()).isFalse();
    assertThat(result.getMessages()).noneMatch(line -> line.contains("WARNING"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"small", "sign-in", "proxy-protocol"})
  void hasAConfigurationThatTheDaemonAccepts(String values) throws Exception {
    LoadedConfig loaded = configuration(rendered(values));

    assertThat(loaded.warnings()).isEmpty();
    assertThat(loaded.config().listeners())
        .filteredOn(listener -> listener.name().equals("submission"))
        .allMatch(listener -> !listener.certificate().serverNames().isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"small", "sign-in", "proxy-protocol"})
  void agreesWithTheSchemasOfKubernetes(String values) throws Exception {
    assertThat(validated(rendered(values))).isEmpty();
  }

  @Test
  void servesEveryListenerThroughTheServiceAndTheNetworkPolicy() throws Exception {
    List<JsonNode> objects = rendered("sign-in");

    List<Integer> ports =
        configuration(objects).config().listeners().stream()
            .map(ListenerConfig::bind)
            .flatMap(List::stream)
            .map(bind -> bind.port())
            .toList();
    JsonNode service = object(objects, "Service", "uplift-tls-uplift");
    assertThat(service.findValuesAsText("targetPort"))
        .containsExactlyElementsOf(ports.stream().map(port -> "listener-" + port).toList());
    assertThat(service.at("/spec/ports").findValuesAsText("port"))
        .containsExactly("3128", "8080", "587");
    assertThat(service.at("/spec/externalTrafficPolicy").asText()).isEqualTo("Local");
    JsonNode policy = object(objects, "NetworkPolicy", "uplift-tls-uplift");
    assertThat(policy.at("/spec/ingress/0/ports").findValuesAsText("port"))
        .containsExactlyElementsOf(ports.stream().map(String::valueOf).toList());
    assertThat(policy.at("/spec/egress/1/ports").findValuesAsText("port"))
        .as("the origins, the database and the proxy")
        .containsExactly("443", "587", "993", "995", "6432", "8081");
  }

  @Test
  void allowsSignInsOfUsersThatAllPodsShare() throws Exception {
    List<JsonNode> objects =
        objects(
            template("small")
                .set("config.signIn.tenant", "contoso.onmicrosoft.com")
                .set("config.signIn.applicationId", "11111111-2222-3333-4444-555555555555")
                .set("config.signIn.flow", "device-code")
                .set("config.signIn.accounts[0].mailbox", "scanner@contoso.com")
                .set("config.signIn.accounts[0].devices[0]", "10.1.2.0/24")
                .set("config.database.url", "jdbc:postgresql://db.corp.example/uplift")
                .set(
                    "config.database.keyFile",
                    "/etc/tls-uplift/secrets/tls-uplift-database/tokens.key"));

    LoadedConfig loaded = configuration(objects);
    assertThat(loaded.config().database().keyFile()).isNotNull();
    assertThat(loaded.warnings()).noneMatch(warning -> warning.path().equals("signIn.flow"));
  }

  @Test
  void replacesPodsWithoutLosingDevices() throws Exception {
    JsonNode small = object(rendered("small"), "Deployment", "uplift-tls-uplift").get("spec");
    assertThat(small.at("/replicas").asInt()).isEqualTo(2);
    assertThat(small.at("/strategy/rollingUpdate/maxUnavailable").asInt(-1)).isZero();
    assertThat(small.at("/template/spec/terminationGracePeriodSeconds").asInt())
        .as("15 s + 2 min + 15 s")
        .isEqualTo(150);
    assertThat(small.at("/template/spec/topologySpreadConstraints").findValuesAsText("topologyKey"))
        .containsExactly("kubernetes.io/hostname", "topology.kubernetes.io/zone");

    assertThat(
            object(rendered("sign-in"), "Deployment", "uplift-tls-uplift")
                .at("/spec/template/spec/terminationGracePeriodSeconds")
                .asInt())
        .as("500 ms + 1 h + 15 s")
        .isEqualTo(3616);
    assertThat(
            object(rendered("sign-in"), "PodDisruptionBudget", "uplift-tls-uplift")
                .at("/spec/maxUnavailable")
                .asInt())
        .isEqualTo(1);
  }

  /** A rollout would end sessions. Kubernetes changes the files of whole directories only. */
  @Test
  void changesTheConfigurationByAReload() throws Exception {
    JsonNode before = object(rendered("small"), "Deployment", "uplift-tls-uplift");
    JsonNode after =
        object(
            objects(template("small").set("config.limits.maxSessions", 77)),
            "Deployment",
            "uplift-tls-uplift");

    assertThat(after).isEqualTo(before);
    JsonNode container = before.at("/spec/template/spec/containers/0");
    assertThat(container.at("/args").toString()).isEqualTo("[\"run\",\"--watch\"]");
    assertThat(container.findValues("subPath")).isEmpty();
  }

  @Test
  void givesThePodNoRightThatItDoesNotNeed() throws Exception {
    JsonNode pod =
        object(rendered("small"), "Deployment", "uplift-tls-uplift").at("/spec/template/spec");

    assertThat(pod.at("/automountServiceAccountToken").asBoolean(true)).isFalse();
    assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
    JsonNode container = pod.at("/containers/0");
    assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean()).isTrue();
    assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true)).isFalse();
    assertThat(container.at("/securityContext/capabilities/drop/0").asText()).isEqualTo("ALL");
    assertThat(pod.findValuesAsText("defaultMode")).as("mode 0440").containsOnly("288");
  }

  @Test
  void serviceMonitorVerifiesTheCertificateAndSignsIn() throws Exception {
    List<JsonNode> objects = rendered("sign-in");
    JsonNode endpoint =
        object(objects, "ServiceMonitor", "uplift-tls-uplift").at("/spec/endpoints/0");

    assertThat(configuration(objects).config().admin().serverNames().toString())
        .contains(endpoint.at("/tlsConfig/serverName").asText());
    assertThat(endpoint.at("/tlsConfig/ca/secret/name").asText()).isEqualTo("tls-uplift-ca");
    assertThat(endpoint.at("/authorization/credentials/name").asText())
        .isEqualTo("tls-uplift-token");
    assertThat(endpoint.at("/relabelings/0/replacement").asText())
        .as("the job in prometheus.yml")
        .isEqualTo("tls-uplift");
    assertThat(
            object(objects, "Service", "uplift-tls-uplift-admin")
                .at("/metadata/labels/app.kubernetes.io~1component")
                .asText())
        .isEqualTo("admin");
  }

  @Test
  void usesTheFilesOfAlertsAndDashboard() throws Exception {
    Path alerts = CHART.resolve("../../alerts.yml");
    Path dashboard = CHART.resolve("../../grafana/dashboard.json");
    List<JsonNode> objects =
        objects(
            template("small")
                .setFile("prometheusRule.rules", alerts)
                .setFile("dashboard.json", dashboard));

    assertThat(object(objects, "PrometheusRule", "uplift-tls-uplift").get("spec"))
        .as("with the TLS of the admin port")
        .isEqualTo(YAML.readTree(Files.readString(alerts).replace("}}http://{{", "}}https://{{")));
    assertThat(
            YAML.readTree(
                object(objects, "ConfigMap", "uplift-tls-uplift-dashboard")
                    .at("/data/tls-uplift.json")
                    .asText()))
        .isEqualTo(YAML.readTree(dashboard.toFile()));
    assertThat(validated(objects)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "replicas | 0 | minimum: got 0, want 1",
        "replicaCount | 2 | additional properties 'replicaCount' not allowed",
        "names | | at '/names'",
        "certificateAuthority.existingSecret | | at '/certificateAuthority/existingSecret'",
        "image.digest | sha256:12 | at '/image/digest'",
        "config.admin.tokens | null | at '/config/admin/tokens'",
        "config.admin.bind | 127.0.0.1:9464 | at '/config/admin/bind'",
        "config.dataDirectory | /tmp | at '/config/dataDirectory'",
        "config.certificateAuthority.pkcs12 | ca.p12 | at '/config/certificateAuthority/pkcs12'",
        "config.limits.drainTimeout | soon | config.limits.drainTimeout: got soon; expected a time",
        "config.signIn.flow | device-code | config.signIn.flow: got device-code",
        "config.listeners[0].bind | 0.0.0.0:587 | expected a port from 1024 to 65535",
        "config.listeners[0].bind | 0.0.0.0:9464 | which is the port of the admin port",
        "config.listeners[0].accept | transparent | web: got accept: transparent",
        "service.externalTrafficPolicy | Cluster | would see the nodes instead of its devices",
        "service.type | ExternalName | at '/service/type'",
        "terminationGracePeriodSeconds | 60 | expected at least 150",
        "service.ports.imaps | 993 | service.ports: got imaps, which is no listener",
        "service.ipFamilyPolicy | Dual | at '/service/ipFamilyPolicy'",
        "podDisruptionBudget.maxUnavailable | 0 | at '/podDisruptionBudget/maxUnavailable'",
      })
  void refusesValuesThatCannotWork(String key, String value, String problem) {
    TemplateCommand command = template("small");
    if (key.startsWith("config.listeners")) {
      command
          .set("config.listeners[0].name", "web")
          .set("config.listeners[0].bind", "0.0.0.0:3128");
    }
    command.set(key, value == null ? "" : value);

    assertThatThrownBy(command::call).hasMessageContaining(problem);
  }

  @Test
  void mapsOnlyPortsOfListenersThatExist() throws Exception {
    List<JsonNode> objects =
        objects(
            template("small")
                .set("config.listeners[0].name", "imaps")
                .set("config.listeners[0].bind", "0.0.0.0:2993")
                .set("service.ports.imaps", 993));

    assertThat(
            object(objects, "Service", "uplift-tls-uplift")
                .at("/spec/ports")
                .findValuesAsText("port"))
        .as("the chart's own ports for submission and smtps do not matter")
        .containsExactly("993");
  }

  @Test
  void passesClusterSettingsToPodAndService() throws Exception {
    List<JsonNode> objects =
        objects(
            template("small")
                .set("serviceAccountName", "uplift")
                .set("hostAliases[0].ip", "10.0.0.9")
                .set("hostAliases[0].hostnames[0]", "mail.corp.example")
                .set("dnsConfig.nameservers[0]", "10.0.0.53")
                .set("extraVolumes[0].name", "roots")
                .set("extraVolumes[0].configMap.name", "corp-roots")
                .set("extraVolumeMounts[0].name", "roots")
                .set("extraVolumeMounts[0].mountPath", "/etc/roots")
                .set("service.ipFamilyPolicy", "PreferDualStack")
                .set("service.ipFamilies[0]", "IPv6")
                .set("service.ipFamilies[1]", "IPv4"));

    JsonNode pod = object(objects, "Deployment", "uplift-tls-uplift").at("/spec/template/spec");
    assertThat(pod.at("/serviceAccountName").asText()).isEqualTo("uplift");
    assertThat(pod.at("/automountServiceAccountToken").asBoolean(true)).isFalse();
    assertThat(pod.at("/hostAliases/0/hostnames/0").asText()).isEqualTo("mail.corp.example");
    assertThat(pod.at("/dnsConfig/nameservers/0").asText()).isEqualTo("10.0.0.53");
    assertThat(pod.at("/volumes").findValuesAsText("name")).contains("roots", "corp-roots");
    assertThat(pod.at("/containers/0/volumeMounts").findValuesAsText("mountPath"))
        .contains("/etc/roots");
    JsonNode service = object(objects, "Service", "uplift-tls-uplift").get("spec");
    assertThat(service.at("/ipFamilyPolicy").asText()).isEqualTo("PreferDualStack");
    assertThat(service.at("/ipFamilies").toString()).isEqualTo("[\"IPv6\",\"IPv4\"]");
    assertThat(validated(objects)).isEmpty();
  }

  @Test
  void autoscalerSetsTheNumberOfPods() throws Exception {
    List<JsonNode> objects = objects(template("small").set("autoscaling.enabled", true));

    assertThat(object(objects, "Deployment", "uplift-tls-uplift").at("/spec").has("replicas"))
        .as("an upgrade must not set the number back")
        .isFalse();
    JsonNode scaler = object(objects, "HorizontalPodAutoscaler", "uplift-tls-uplift").get("spec");
    assertThat(scaler.at("/scaleTargetRef/name").asText()).isEqualTo("uplift-tls-uplift");
    assertThat(scaler.at("/minReplicas").asInt()).isEqualTo(2);
    assertThat(scaler.at("/maxReplicas").asInt()).isEqualTo(6);
    assertThat(validated(objects)).isEmpty();

    assertThat(rendered("small"))
        .noneMatch(each -> each.at("/kind").asText().equals("HorizontalPodAutoscaler"));
    assertThatThrownBy(
            () ->
                template("small")
                    .set("autoscaling.enabled", true)
                    .set("autoscaling.minReplicas", 7)
                    .call())
        .hasMessageContaining("autoscaling.minReplicas: got 7; expected at most maxReplicas");
  }

  @Test
  void warnsOfIncompleteValues() throws IOException {
    assertThat(notes(install("small")))
        .contains("WARNING: Each pod has an inventory of its own")
        .doesNotContain("401", "divide them");
    assertThat(notes(install("small").set("serviceMonitor.enabled", true)))
        .contains("Without serviceMonitor.tokenSecret.name, Prometheus gets 401");
    assertThat(notes(install("sign-in")))
        .as("config.database is set, and the token too")
        .doesNotContain("WARNING");
    assertThat(notes(install("sign-in").set("config.database", "null")))
        .contains("Without config.database, each pod allows the limits of config.signIn.limits");
  }

  /** Without a cluster, Helm assumes a Kubernetes that is too old for the chart. */
  private InstallCommand install(String values) throws IOException {
    Path copy = chartWith(values);
    Path chart = copy.resolve("Chart.yaml");
    Files.writeString(chart, Files.readString(chart).replaceAll("kubeVersion: .*", ""));
    return new Helm(copy).install().withName("uplift").clientOnly().dryRun();
  }

  private static String notes(InstallCommand command) {
    String output = command.call().getOutput();
    return output.substring(output.indexOf("NOTES:"));
  }

  private static String validated(List<JsonNode> objects) throws Exception {
    Process check =
        new ProcessBuilder(
                Peers.require("node"),
                VALUES.resolve("validate.mjs").toString(),
                Peers.kubernetesModels().toString())
            .redirectErrorStream(true)
            .start();
    try (OutputStream input = check.getOutputStream()) {
      input.write(new ObjectMapper().writeValueAsBytes(objects));
    }
    String output = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return check.waitFor() == 0 ? output : "exit " + check.exitValue() + ": " + output;
  }

  private static TemplateCommand template(String values) {
    return new Helm(CHART)
        .template()
        .withName("uplift")
        .withNamespace("printers")
        .withKubeVersion("1.31.0")
        .withValuesFile(VALUES.resolve(values + ".yaml"));
  }

  private static List<JsonNode> rendered(String values) throws IOException {
    return objects(template(values));
  }

  private static List<JsonNode> objects(TemplateCommand command) throws IOException {
    try (MappingIterator<JsonNode> all =
        YAML.readerFor(JsonNode.class).readValues(command.call())) {
      List<JsonNode> objects = new ArrayList<>();
      all.forEachRemaining(
          each -> {
            if (each.isObject()) {
              objects.add(each);
            }
          });
      return objects;
    }
  }

  private static JsonNode object(List<JsonNode> objects, String kind, String name) {
    return objects.stream()
        .filter(each -> each.at("/kind").asText().equals(kind))
        .filter(each -> each.at("/metadata/name").asText().equals(name))
        .reduce(
            (one, other) -> {
              throw new AssertionError("two of " + kind + " " + name);
            })
        .orElseThrow(() -> new AssertionError("no " + kind + " " + name + " in " + objects));
  }

  /** The configuration of the ConfigMap, with the mounted files in a directory of the test. */
  private LoadedConfig configuration(List<JsonNode> objects) throws Exception {
    String text =
        objects.stream()
            .map(each -> each.at("/data/tls-uplift.yaml").asText())
            .filter(each -> !each.isEmpty())
            .findFirst()
            .orElseThrow();
    ClientAuthority.Issued issued = ClientAuthority.create().issue("RSA", "uplift.corp.example");
    write("ca/tls.crt", issued.certificatePem());
    write("ca/tls.key", "");
    write("secrets/tls-uplift-sign-in/client.secret", "secret\n");
    write("secrets/tls-uplift-database/password", "secret\n");
    write("secrets/tls-uplift-database/tokens.key", "0123456789abcdef0123456789abcdef");
    return ConfigLoader.parse(text.replace("/etc/tls-uplift", directory.toString()), "the chart");
  }

  private void write(String file, String text) throws IOException {
    Path path = directory.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
    assertThat(path.toFile().setReadable(false, false)).isTrue();
    assertThat(path.toFile().setReadable(true, true)).isTrue();
  }

  /** Helm's lint takes no values in this library: here they are the chart's own. */
  private Path chartWith(String values) throws IOException {
    Path copy = directory.resolve("tls-uplift");
    try (Stream<Path> files = Files.walk(CHART)) {
      for (Path file : files.toList()) {
        Path target = copy.resolve(CHART.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    JsonNode merged = YAML.readTree(CHART.resolve("values.yaml").toFile());
    merge((ObjectNode) merged, YAML.readTree(VALUES.resolve(values + ".yaml").toFile()));
    YAML.writeValue(copy.resolve("values.yaml").toFile(), merged);
    return copy;
  }

  private static void merge(ObjectNode into, JsonNode from) {
    from.properties()
        .forEach(
            each -> {
              if (into.get(each.getKey()) instanceof ObjectNode inner
                  && each.getValue().isObject()) {
                merge(inner, each.getValue());
              } else {
                into.set(each.getKey(), each.getValue());
              }
            });
  }
}
