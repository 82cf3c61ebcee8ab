package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.config.ConfigLoader;

/** What a running daemon answers below /api/ is what openapi.yaml says. */
@OneJdk
class ApiContractTest {
  private static final String ID = "https://uplift.corp.example/api/openapi.yaml";

  @TempDir Path directory;
  private Components components;
  private JsonNode description;
  private SchemaRegistry schemas;
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeEach
  void start() throws Exception {
    components =
        Components.start(
            ConfigLoader.parse(
                """
                dataDirectory: '%s/data'
                listeners:
                  - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
                routes:
                  - {to: ["localhost:1024-65535"], action: bridge}
                certificateAuthority: {keyAlgorithm: EC-P256}
                admin: {bind: "127.0.0.1:0"}
                inventory: {flushInterval: 1s}
                devices: {reverseDns: false}
                limits: {drainTimeout: 0s}
                """
                    .formatted(directory),
                "test"),
            line -> {});
    description = new ObjectMapper(new YAMLFactory()).readTree(get("/api/openapi.yaml").body());
    closeObjects(description);
    schemas =
        SchemaRegistry.withDialect(
            Dialects.getOpenApi31(), with -> with.schemas(Map.of(ID, description.toString())));
  }

  @AfterEach
  void stop() {
    components.close();
  }

  private InetSocketAddress web() {
    return components.listeners().get(0).address();
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + components.adminAddress().getPort() + path))
            .timeout(Duration.ofSeconds(10));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + components.adminAddress().getPort() + path))
            .timeout(Duration.ofSeconds(10))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** One device that was refused, and is in the inventory. */
  private void aDeviceComes() throws Exception {
    try (Socket device = Device.open(web())) {
      assertThat(Device.connect(device, new HostPort("198.51.100.1", 443))).contains(" 403 ");
    }
    await().until(() -> get("/api/devices").body().contains("127.0.0.1"));
  }

  private JsonNode answered(String documented, String path, int status) throws Exception {
    HttpResponse<String> response = get(path);
    assertThat(response.statusCode()).as(path + response.body()).isEqualTo(status);
    JsonPointer responses =
        JsonPointer.empty()
            .appendProperty("paths")
            .appendProperty(documented)
            .appendProperty("get")
            .appendProperty("responses");
    JsonPointer content =
        responses
            .appendProperty(description.at(responses).has("" + status) ? "" + status : "default")
            .appendProperty("content");
    String type = response.headers().firstValue("content-type").orElse("");
    assertThat(description.at(content).has(type)).as(type + " in " + content).isTrue();
    JsonPointer schema = content.appendProperty(type).appendProperty("schema");
    assertThat(
            schemas
                .getSchema(SchemaLocation.of(ID + "#" + schema))
                .validate(
                    response.body(),
                    InputFormat.JSON,
                    context -> context.executionConfig(with -> with.formatAssertionsEnabled(true))))
        .as(path)
        .isEmpty();
    return new ObjectMapper().readTree(response.body());
  }

  /** Fields may be added, but not without a word. */
  private static void closeObjects(JsonNode node) {
    if (node.path("properties").isObject() && !node.has("additionalProperties")) {
      ((ObjectNode) node).put("additionalProperties", false);
    }
    node.forEach(ApiContractTest::closeObjects);
  }

  @Test
  void everyOperationHasAnIdOfItsOwn() {
    List<String> ids = new ArrayList<>();
    int operations = 0;
    for (JsonNode path : description.get("paths")) {
      operations += path.findValues("responses").size();
      ids.addAll(path.findValuesAsText("operationId"));
    }
    assertThat(ids).hasSize(operations).doesNotHaveDuplicates().hasSizeGreaterThan(30);
  }

  @Test
  void theDescriptionItselfIsSound() throws Exception {
    String text = get("/api/openapi.yaml").body();
    SwaggerParseResult parsed = new OpenAPIV3Parser().readContents(text);
    assertThat(parsed.getMessages()).isEmpty();
    assertThat(parsed.getOpenAPI().getOpenapi()).isEqualTo("3.1.0");
    assertThat(parsed.getOpenAPI().getPaths()).hasSizeGreaterThanOrEqualTo(9);
    assertThat(
            new OpenAPIV3Parser()
                .readContents(text.replace("in: query", "in: quest"))
                .getMessages())
        .isNotEmpty();
  }

  @Test
  void everyDocumentedPathAnswersAsDocumented() throws Exception {
    aDeviceComes();
    try (Socket device = Device.open(web())) {
      await().until(() -> answered("/api/sessions", "/api/sessions", 200).size() == 1);
      assertThat(answered("/api/sessions", "/api/sessions", 200).at("/0/device").asText())
          .isEqualTo("127.0.0.1");
    }
    Set<String> tried = new HashSet<>(Set.of("/api/openapi.yaml", "/api/sessions"));
    assertThat(answered("/api/devices", "/api/devices", 200).size()).isEqualTo(1);
    answered("/api/devices", "/api/devices?limit=1&sort=last-seen&order=desc", 200);
    answered("/api/devices", "/api/devices?limit=1001", 400);
    tried.add("/api/devices");
    assertThat(
            answered("/api/devices/{address}", "/api/devices/127.0.0.1", 200).path("days").size())
        .isEqualTo(1);
    answered("/api/devices/{address}", "/api/devices/10.9.9.9", 404);
    tried.add("/api/devices/{address}");
    JsonNode overview = answered("/api/overview", "/api/overview", 200);
    assertThat(overview.at("/devices/unknown").asInt()).isEqualTo(1);
    assertThat(overview.at("/failures/0/reason").asText()).isEqualTo("no_route");
    assertThat(overview.at("/endings/0/what").asText()).isEqualTo("the CA that devices trust");
    assertThat(overview.at("/handshakes/day/stretches")).hasSize(24);
    tried.add("/api/overview");
    assertThat(answered("/api/doctor", "/api/doctor", 200)).as("no check yet").isEmpty();
    tried.add("/api/doctor");
    assertThat(get("/api/devices.csv").body().lines()).hasSize(2);
    assertThat(get("/api/devices", "Accept", "text/csv").headers().firstValue("content-type"))
        .contains("text/csv; charset=utf-8; header=present");
    tried.add("/api/devices.csv");
    assertThat(answered("/api/messages", "/api/messages", 200)).isEmpty();
    answered("/api/messages", "/api/messages?outcome=lost", 400);
    tried.add("/api/messages");
    assertThat(get("/api/messages.csv").body().lines()).hasSize(1);
    tried.add("/api/messages.csv");
    assertThat(answered("/api/waiting", "/api/waiting?limit=1", 200).path("messages").asInt())
        .isZero();
    answered("/api/waiting", "/api/waiting?limit=10001", 400);
    tried.add("/api/waiting");
    for (Map.Entry<String, JsonNode> path : description.path("paths").properties()) {
      if (path.getValue().has("post")) {
        HttpResponse<String> refused = post(path.getKey());
        assertThat(refused.statusCode()).as("without users").isEqualTo(403);
        assertThat(refused.headers().firstValue("content-type"))
            .contains("application/problem+json");
        tried.add(path.getKey());
      }
    }
    assertThat(tried).contains("/api/configuration/reload");

    Set<String> documented = new HashSet<>();
    description.path("paths").fieldNames().forEachRemaining(documented::add);
    assertThat(tried).isEqualTo(documented);
  }

  @Test
  void filtersAndPages() throws Exception {
    aDeviceComes();

    HttpResponse<String> page = get("/api/devices?limit=1");
    assertThat(page.headers().firstValue("x-total-count")).contains("1");
    assertThat(page.headers().firstValue("link")).isEmpty();
    assertThat(answered("/api/devices", "/api/devices?subnet=127.0.0.0/8", 200).size()).isOne();
    assertThat(answered("/api/devices", "/api/devices?subnet=10.0.0.0/8", 200).size()).isZero();
    assertThat(answered("/api/devices", "/api/devices?verdict=needs_upgrade", 200).size()).isZero();
    assertThat(answered("/api/devices", "/api/devices?listener=web&q=127.0", 200).size()).isOne();
    for (String wrong :
        new String[] {
          "subnet=x", "verdict=bad", "sort=x", "order=up", "limit=0", "offset=-1", "x=y"
        }) {
      assertThat(answered("/api/devices", "/api/devices?" + wrong, 400).path("detail").asText())
          .as(wrong)
          .contains("expected ");
    }
  }
}
