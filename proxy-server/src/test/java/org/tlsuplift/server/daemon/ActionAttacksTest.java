package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.signin.PasswordHash;

/** Attackers try every action of the admin port, and change nothing. */
class ActionAttacksTest {
  private static final String PASSWORD = "correct horse";
  private static final String HASH = PasswordHash.of(PASSWORD.toCharArray()).encoded();
  private static final Pattern TOKEN = Pattern.compile("name=\"form-token\" value=\"([^\"]+)\"");

  /** Below the limit of forms in a minute, by address. */
  private static final int PER_ADDRESS = 50;

  @TempDir Path directory;
  private Components components;
  private int sent;

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
                admin:
                  bind: "127.0.0.1:0"
                  users:
                    - {name: boss, role: administrator, passwordHash: '%s'}
                    - {name: ops, role: operator, passwordHash: '%s'}
                    - {name: ops2, role: operator, passwordHash: '%s'}
                    - {name: ops3, role: operator, passwordHash: '%s'}
                    - {name: intern, passwordHash: '%s'}
                  tokens:
                    - {name: token-viewer, role: viewer, sha256: '%s'}
                    - {name: token-operator, role: operator, sha256: '%s'}
                accessLog: {file: '%s/access.log'}
                inventory: {flushInterval: 1s}
                devices: {reverseDns: false}
                limits: {drainTimeout: 0s}
                """
                    .formatted(
                        directory,
                        HASH,
                        HASH,
                        HASH,
                        HASH,
                        HASH,
                        digest("token-viewer"),
                        digest("token-operator"),
                        directory),
                "test"),
            line -> {});
  }

  @AfterEach
  void stop() {
    components.close();
  }

  private static String digest(String token) {
    return HexFormat.of()
        .formatHex(Digests.sha256().digest(token.getBytes(StandardCharsets.US_ASCII)));
  }

  private String send(String method, String path, String body, String... headers)
      throws IOException {
    InetAddress from = InetAddress.getByAddress(new byte[] {127, 0, 0, address()});
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(30_000);
      socket.bind(new InetSocketAddress(from, 0));
      socket.connect(components.adminAddress());
      StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
      request.append("Host: 127.0.0.1:" + components.adminAddress().getPort() + "\r\n");
      for (String header : headers) {
        request.append(header).append("\r\n");
      }
      request.append("Content-Type: application/x-www-form-urlencoded\r\n");
      request.append("Content-Length: " + body.length() + "\r\nConnection: close\r\n\r\n" + body);
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private byte address() {
    return (byte) (1 + sent++ / PER_ADDRESS);
  }

  private String session(String user) throws IOException {
    String response =
        send(
            "POST",
            "/sign-in",
            "name=" + user + "&password=correct+horse&next=/",
            "Sec-Fetch-Site: same-origin");
    Matcher cookie = Pattern.compile("(?i)set-cookie: ([^;]+);").matcher(response);
    assertThat(cookie.find()).as(response).isTrue();
    return "Cookie: " + cookie.group(1);
  }

  /** The action, and the role that it needs. */
  private record Target(String path, String role) {
    boolean isOpenTo(String who) {
      return who.equals("operator") && role.equals("operator");
    }
  }

  private List<Target> targets() throws IOException {
    String document = send("GET", "/api/openapi.yaml", "", basic("boss"));
    JsonNode description =
        new ObjectMapper(new YAMLFactory()).readTree(document.split("\r\n\r\n", 2)[1]);
    List<Target> targets = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : description.path("paths").properties()) {
      JsonNode post = path.getValue().path("post");
      if (!post.isMissingNode()) {
        Matcher role =
            Pattern.compile("Needs the role ([a-z]+)").matcher(post.path("description").asText());
        assertThat(role.find()).as(path.getKey()).isTrue();
        targets.add(new Target(path.getKey().substring("/api".length()), role.group(1)));
      }
    }
    return targets;
  }

  private static String basic(String user) {
    return "Authorization: Basic "
        + Base64.getEncoder()
            .encodeToString((user + ":" + PASSWORD).getBytes(StandardCharsets.US_ASCII));
  }

  private String formToken(String cookie, String page) throws IOException {
    Matcher token = TOKEN.matcher(send("GET", page, "", cookie));
    return token.find() ? "form-token=" + token.group(1) : "";
  }

  @Test
  void refusesEveryActionToAttackers() throws Exception {
    List<Target> targets = targets();
    assertThat(targets).isNotEmpty();
    String own = "Sec-Fetch-Site: same-origin";
    String boss = session("boss");
    String ops = session("ops");
    String withoutForm = session("ops2");
    String withForeignForm = session("ops3");
    String intern = session("intern");
    Map<String, Integer> tries = new LinkedHashMap<>();
    for (Target target : targets) {
      String path = target.path();
      String api = "/api" + path;
      String ofReload = formToken(boss, "/configuration");
      String ofSignOut = formToken(ops, "/sign-in");
      tried(tries, "nobody", send("POST", path, "", own));
      tried(tries, "nobody", send("POST", api, ""));
      tried(tries, "a made-up session", send("POST", path, "", own, "Cookie: tlsuplift-session=a"));
      tried(tries, "a viewer", send("POST", path, formToken(intern, "/sign-in"), own, intern));
      tried(tries, "a viewer", send("POST", api, "", "Authorization: Bearer token-viewer"));
      tried(tries, "an operator without a form", send("POST", path, "", own, withoutForm));
      tried(tries, "an operator with another form", send("POST", path, ofSignOut, own, ops));
      tried(
          tries,
          "an operator's form for another session",
          send("POST", path, ofReload, own, withForeignForm));
      if (!target.isOpenTo("operator")) {
        tried(tries, "an operator", send("POST", api, "", "Authorization: Bearer token-operator"));
      }
      tried(tries, "an administrator's password", send("POST", path, "", own, basic("boss")));
      tried(tries, "an administrator's password", send("POST", api, "", basic("boss")));
      tried(
          tries,
          "another site",
          send("POST", path, ofReload, "Sec-Fetch-Site: cross-site", boss),
          send("POST", path, ofReload, "Sec-Fetch-Site: same-site", boss),
          send("POST", path, ofReload, "Origin: https://evil.example", boss),
          send("POST", path, ofReload, boss));
      String got = send("GET", path + "?" + ofReload, "", own, boss);
      if (got.startsWith("HTTP/1.1 200 ")) {
        assertThat(got).as("the page with the form").contains("action=\"" + path + "\"");
        tries.merge("a GET", 1, Integer::sum);
      } else {
        tried(tries, "a GET", got);
      }
    }
    assertThat(tries.values().stream().mapToLong(Integer::longValue).sum())
        .as("an operator's token may do what needs that role, and is not tried there")
        .isEqualTo(
            15L * targets.size()
                + targets.stream().filter(each -> !each.isOpenTo("operator")).count());

    Path log = directory.resolve("access.log");
    await()
        .until(() -> Files.exists(log) && Files.readString(log).contains("\"action\":\"sign-in\""));
    assertThat(
            Files.readAllLines(log).stream()
                .filter(line -> line.contains("\"result\":\"done\""))
                .filter(line -> !line.contains("\"action\":\"sign-in\"")))
        .isEmpty();
  }

  private static void tried(Map<String, Integer> tries, String who, String... responses) {
    for (String response : responses) {
      assertThat(response)
          .as(who)
          .containsPattern("^HTTP/1.1 (303|401|403|404|405) ")
          .doesNotContainPattern("(?i)location: /(?!sign-in)");
      tries.merge(who, 1, Integer::sum);
    }
  }
}
