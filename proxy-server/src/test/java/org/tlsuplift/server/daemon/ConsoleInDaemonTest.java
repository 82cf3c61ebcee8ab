package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.authority.CaSource;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.feature.Condition;
import org.tlsuplift.server.signin.PasswordHash;

/** Operators and administrators act on the pages of a running daemon. */
class ConsoleInDaemonTest {
  private static final String HASH = PasswordHash.of("correct horse".toCharArray()).encoded();
  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final Pattern FORM =
      Pattern.compile("(?s)<form method=\"post\" action=\"([^\"]+)\"(.*?)</form>");
  private static final Pattern HIDDEN =
      Pattern.compile("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\">");

  @TempDir Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private Components components;
  private String yaml = "";

  @BeforeEach
  void start() throws Exception {
    yaml =
        """
        dataDirectory: '%1$s/data'
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
          - {name: mail, bind: "127.0.0.1:0", accept: fixed, profile: legacy, protocol: smtp, origin: "localhost:%2$d",
             mail: {allowedSenders: ["scanner@contoso.com"]}}
        routes:
          - {to: ["localhost:1024-65535"], action: bridge}
        certificateAuthority: {keyAlgorithm: EC-P256}
        admin:
          bind: "127.0.0.1:0"
          users:
            - {name: boss, role: administrator, passwordHash: '%3$s'}
            - {name: ops, role: operator, passwordHash: '%3$s'}
            - {name: intern, passwordHash: '%3$s'}
          tokens:
            - {name: deploy, role: administrator, sha256: '%4$s', expires: %7$s}
            - {name: desk, role: operator, sha256: '%5$s'}
            - {name: prometheus, sha256: '%6$s'}
        inventory: {flushInterval: 1s}
        devices: {reverseDns: false}
        limits: {drainTimeout: 0s}
        """
            .formatted(
                directory,
                closedPort(),
                HASH,
                digest("deploy"),
                digest("desk"),
                digest("prometheus"),
                LocalDate.now(ZoneOffset.UTC).plusDays(20));
    components = Components.start(ConfigLoader.parse(yaml, "test"), line -> {});
    var unused = new Reloader(components, () -> ConfigLoader.parse(yaml, "test"));
  }

  private static int closedPort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @AfterEach
  void stop() {
    components.close();
  }

  private static String digest(String token) {
    return HexFormat.of()
        .formatHex(Digests.sha256().digest(token.getBytes(StandardCharsets.US_ASCII)));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + components.adminAddress().getPort() + path))
        .timeout(TIMEOUT)
        .header("Sec-Fetch-Site", "same-origin");
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest.BodyPublisher body(Map<String, String> fields) {
    return HttpRequest.BodyPublishers.ofString(
        fields.entrySet().stream()
            .map(
                each ->
                    each.getKey()
                        + "="
                        + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&")));
  }

  private HttpResponse<String> post(String path, String cookie, Map<String, String> fields)
      throws Exception {
    return send(request(path).header("Cookie", cookie).POST(body(fields)));
  }

  private HttpResponse<String> api(String path, String token, Map<String, String> fields)
      throws Exception {
    return send(
        request("/api" + path).header("Authorization", "Bearer " + token).POST(body(fields)));
  }

  private String session(String user) throws Exception {
    return post("/sign-in", "a=b", Map.of("name", user, "password", "correct horse"))
        .headers()
        .firstValue("set-cookie")
        .orElseThrow()
        .replaceAll(";.*", "");
  }

  private String page(String path, String cookie) throws Exception {
    return send(request(path).header("Cookie", cookie)).body();
  }

  /** The hidden fields of the form for an action; empty if the page does not have it. */
  private Map<String, String> form(String page, String action, String cookie) throws Exception {
    Matcher form = FORM.matcher(page(page, cookie));
    Map<String, String> fields = new LinkedHashMap<>();
    while (form.find()) {
      if (form.group(1).equals(action) && fields.isEmpty()) {
        Matcher field = HIDDEN.matcher(form.group(2));
        while (field.find()) {
          fields.put(field.group(1), field.group(2));
        }
      }
    }
    return fields;
  }

  private HttpResponse<String> act(
      String page, String action, String cookie, Map<String, String> more) throws Exception {
    Map<String, String> fields = form(page, action, cookie);
    assertThat(fields).as(action).containsKey("form-token");
    fields.putAll(more);
    return post(action, cookie, fields);
  }

  private void step(String verb, String cookie) throws Exception {
    HttpResponse<String> done = act("/ca", "/ca/" + verb, cookie, Map.of());
    assertThat(done.statusCode()).as(verb + done.body()).isEqualTo(303);
  }

  private String signing() {
    return Fingerprint.sha256(components.ca().anchor());
  }

  @Test
  void anAdministratorReplacesTheCaAndTheDaemonSignsWithItAtOnce() throws Exception {
    String boss = session("boss");
    String first = signing();
    step("stage", boss);
    assertThat(signing()).isEqualTo(first);
    assertThat(page("/ca", boss))
        .contains("Done: staged SHA-256", "Activate it", "refuses new connections")
        .doesNotContain("Stage the next CA");
    step("activate", boss);
    String second = signing();
    assertThat(second).isNotEqualTo(first);
    assertThat(page("/ca", boss)).contains("Done: signs now SHA-256 " + second, "Go back to it");
    step("undo", boss);
    assertThat(signing()).isEqualTo(first);
    step("activate", boss);
    step("retire", boss);
    assertThat(signing()).isEqualTo(second);
    assertThat(page("/ca", boss)).contains("Stage the next CA").doesNotContain("Go back to it");
    step("stage", boss);
    step("undo", boss);
    assertThat(page("/ca", boss)).contains("Done: the staged CA is dropped.");
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(page("/audit.csv?action=ca.", boss))
                    .contains(
                        ",pages,ca.stage,all listeners,,staged SHA-256 ",
                        ",pages,ca.activate,all listeners,,signs now SHA-256 " + second + ",done",
                        ",pages,ca.retire,all listeners,,the key of the previous CA is erased"));
  }

  @Test
  void theSecondPersonSeesThatTheCaHasChanged() throws Exception {
    String boss = session("boss");
    String other = session("boss");
    Map<String, String> seen = form("/ca", "/ca/stage", other);
    step("stage", boss);
    HttpResponse<String> late = post("/ca/stage", other, seen);
    assertThat(late.statusCode()).isEqualTo(409);
    assertThat(late.body()).contains("The CA has changed since this page was opened");

    // A command has changed it, and the daemon did not notice yet.
    Map<String, String> staged = form("/ca", "/ca/activate", other);
    CaSource.common(components.config()).rotation().undo(line -> {});
    assertThat(post("/ca/activate", other, staged).statusCode()).isEqualTo(409);
    assertThat(page("/ca", boss)).contains("Stage the next CA");
  }

  @Test
  void theFormOfACaIsStillGoodAfterAReload() throws Exception {
    String boss = session("boss");
    Map<String, String> form = form("/ca", "/ca/stage", boss);
    yaml = yaml.replace("drainTimeout: 0s", "drainTimeout: 1s");
    assertThat(act("/configuration", "/configuration/reload", boss, Map.of()).statusCode())
        .isEqualTo(303);
    assertThat(post("/ca/stage", boss, form).statusCode()).isEqualTo(303);
    assertThat(page("/ca", boss)).contains("Activate it");
  }

  @Test
  void eachActionNeedsItsRoleAndItsForm() throws Exception {
    String boss = session("boss");
    Map<String, Map<String, String>> ofAdministrator =
        Map.of(
            "/ca/stage", Map.of("state", "x"),
            "/ca/activate", Map.of("state", "x"),
            "/ca/undo", Map.of("state", "x"),
            "/ca/retire", Map.of("state", "x"));
    Map<String, String> ending = Map.of("kind", "expiry", "item", "the CA that devices trust");
    Map<String, String> noted = new LinkedHashMap<>(ending);
    noted.put("note", "known");
    Map<String, Map<String, String>> ofOperator =
        Map.of(
            "/doctor/run",
            Map.of(),
            "/doctor/send",
            Map.of("listener", "mail", "to", "you@contoso.com"),
            "/acknowledgements/add",
            noted,
            "/acknowledgements/remove",
            ending);
    for (String action : ofAdministrator.keySet()) {
      Map<String, String> fields = ofAdministrator.get(action);
      for (String user : List.of("intern", "ops")) {
        assertThat(post(action, session(user), fields).statusCode()).as(action).isEqualTo(403);
      }
      for (String token : List.of("prometheus", "desk", "deploy")) {
        assertThat(api(action, token, fields).statusCode()).as(action).isEqualTo(403);
      }
      assertThat(post(action, boss, fields).statusCode()).as("no form").isEqualTo(403);
    }
    for (String action : ofOperator.keySet()) {
      Map<String, String> fields = ofOperator.get(action);
      assertThat(post(action, session("intern"), fields).statusCode()).as(action).isEqualTo(403);
      assertThat(api(action, "prometheus", fields).statusCode()).as(action).isEqualTo(403);
      assertThat(post(action, boss, fields).statusCode()).as("no form").isEqualTo(403);
      HttpResponse<String> forged =
          send(
              HttpRequest.newBuilder(request(action).build().uri())
                  .header("Sec-Fetch-Site", "cross-site")
                  .header("Cookie", boss)
                  .POST(body(fields)));
      assertThat(forged.statusCode()).as("of another site").isEqualTo(403);
    }
    assertThat(components.config().listeners()).hasSize(2);
    assertThat(page("/api/doctor", boss)).isEqualTo("{ }\n");
    assertThat(page("/ca", boss)).contains("Stage the next CA");
  }

  @Test
  void anOperatorRunsTheDoctorAndSeesEachStep() throws Exception {
    String ops = session("ops");
    assertThat(page("/doctor", ops)).contains("Run the doctor").doesNotContain("id=\"steps\"");
    assertThat(act("/doctor", "/doctor/run", ops, Map.of("listener", "mail")).statusCode())
        .isEqualTo(303);
    await().atMost(TIMEOUT).until(() -> page("/doctor", ops).contains("It has ended."));
    String page = page("/doctor", ops);
    assertThat(page)
        .contains("Doctor: listener mail", "Listener mail, to localhost:", "Connection")
        .contains("badge failed")
        .doesNotContain("http-equiv", "data-poll");
    yaml = yaml.replace("drainTimeout: 0s", "drainTimeout: 1s");
    String boss = session("boss");
    assertThat(act("/configuration", "/configuration/reload", boss, Map.of()).statusCode())
        .isEqualTo(303);
    assertThat(page("/doctor", session("intern")))
        .contains("Doctor: listener mail", "This needs the role operator")
        .doesNotContain("<button");
    HttpResponse<String> wrong = api("/doctor/run", "desk", Map.of("listener", "web"));
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).contains("listener: got 'web'; expected mail");
    HttpResponse<String> started = api("/doctor/run", "desk", Map.of());
    assertThat(started.statusCode()).as(started.body()).isEqualTo(200);
    await().atMost(TIMEOUT).until(() -> page("/api/doctor", ops).contains("\"ended\" : "));
    assertThat(page("/api/doctor", ops))
        .contains(
            "Doctor: all mail listeners", "\"tone\" : \"failed\"", "\"name\" : \"connection\"");
  }

  @Test
  void theTestMessageOfAnOperatorStaysWithinItsDomains() throws Exception {
    String ops = session("ops");
    Map<String, String> outside = Map.of("listener", "mail", "to", "victim@fabrikam.com");
    HttpResponse<String> refused = act("/doctor", "/doctor/send", ops, outside);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body())
        .contains(
            "an operator may use the domains of the accounts and allowed senders (contoso.com)");
    for (String to : List.of("nobody", "a@contoso.com>\r\nRCPT TO:<b@fabrikam.com", "a b@c.com")) {
      assertThat(api("/doctor/send", "desk", Map.of("listener", "mail", "to", to)).statusCode())
          .as(to)
          .isEqualTo(400);
    }
    Map<String, String> other =
        Map.of("listener", "mail", "to", "a@contoso.com", "from", "boss@fabrikam.com");
    assertThat(api("/doctor/send", "desk", other).statusCode()).isEqualTo(400);
    Map<String, String> forgotten =
        Map.of("listener", "mail", "to", "a@contoso.com", "password", "secret");
    assertThat(api("/doctor/send", "desk", forgotten).body())
        .contains("password: this device does not sign in; enter its login, or leave it empty");
    Map<String, String> half =
        Map.of("listener", "mail", "to", "a@contoso.com", "account", "scanner@contoso.com");
    assertThat(api("/doctor/send", "desk", half).body())
        .contains("password: 'scanner@contoso.com' signs in with a password");
    assertThat(api("/doctor/send", "deploy", outside).statusCode()).isEqualTo(200);
    await().atMost(TIMEOUT).until(() -> page("/doctor", ops).contains("It has ended."));
    // The port of the listener is not known to a command either.
    assertThat(page("/doctor", ops))
        .contains("Test message to victim@fabrikam.com", "bind has port 0");
  }

  @Test
  void theConfigurationIsShownWithoutSecretsToAdministrators() throws Exception {
    assertThat(page("/configuration", session("boss")))
        .contains("The configuration in use", "passwordHash: (hidden)", "name: web")
        .doesNotContain("argon2id", digest("deploy"));
    for (String user : List.of("ops", "intern")) {
      assertThat(page("/configuration", session(user)))
          .doesNotContain("The configuration in use", "passwordHash");
    }
  }

  @Test
  void anOperatorAcknowledgesAnExpiryAndTakesItBack() throws Exception {
    String ops = session("ops");
    String other = session("ops");
    assertThat(page("/", ops)).contains("The token deploy of the admin port");
    Map<String, String> late = form("/", "/acknowledgements/add", other);
    late.put("note", "mine");
    assertThat(
            act("/", "/acknowledgements/add", ops, Map.of("note", "<b>renewed</b> on Monday"))
                .statusCode())
        .isEqualTo(303);
    assertThat(page("/", ops))
        .contains("Acknowledged by <bdi>ops</bdi> on ", "&lt;b&gt;renewed&lt;/b&gt; on Monday");
    HttpResponse<String> second = post("/acknowledgements/add", other, late);
    assertThat(second.statusCode()).isEqualTo(409);
    assertThat(second.body()).contains("Ops has acknowledged it already.");

    assertThat(act("/", "/acknowledgements/remove", ops, Map.of()).statusCode()).isEqualTo(303);
    assertThat(page("/", ops)).doesNotContain("Acknowledged by");

    Map<String, String> token =
        Map.of("kind", "expiry", "item", "the token deploy of the admin port");
    HttpResponse<String> refused = api("/acknowledgements/remove", "desk", token);
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.headers().firstValue("content-type")).contains("application/json");
    assertThat(refused.body())
        .as("what openapi.yaml says")
        .contains("\"after\":\"it is no longer acknowledged\",\"result\":\"refused\"");
    Map<String, String> noted = new LinkedHashMap<>(token);
    noted.put("note", "known");
    assertThat(api("/acknowledgements/add", "desk", noted).body())
        .contains("\"action\":\"acknowledgements.add\"", "\"after\":\"known\"");
    noted.put("state", "2026-01-01T00:00:00Z");
    assertThat(api("/acknowledgements/add", "desk", noted).statusCode()).isEqualTo(409);
    assertThat(page("/", session("intern")))
        .contains("Acknowledged by <bdi>desk</bdi> on ", "This needs the role operator");
  }

  @Test
  void anAcknowledgedExpiryIsNotNotified() throws Exception {
    components.close();
    Path secret = Files.writeString(directory.resolve("client.secret"), "an application's secret");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    yaml +=
        """
        signIn:
          tenant: contoso.com
          applicationId: 11111111-2222-3333-4444-555555555555
          clientSecretFile: '%s'
          secretExpires: %s
          accounts: [{devices: [10.1.2.3/32], mailbox: scanner@contoso.com}]
        """
            .formatted(secret, LocalDate.now(ZoneOffset.UTC).plusDays(1));
    components = Components.start(ConfigLoader.parse(yaml, "test"), line -> {});
    assertThat(expiring()).singleElement().asString().contains("the secret of the application");
    Map<String, String> known =
        Map.of("kind", "expiry", "item", expiring().get(0), "note", "renewed on Monday");
    assertThat(api("/acknowledgements/add", "desk", known).statusCode()).isEqualTo(200);
    assertThat(expiring()).isEmpty();
  }

  private List<String> expiring() {
    return components.notifications().conditions().stream()
        .filter(each -> each.kind().equals("expires"))
        .map(Condition::subject)
        .toList();
  }
}
