package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.signin.PasswordHash;

/** People change something at the admin port of a running daemon. */
class AdminActionsInDaemonTest {
  private static final String HASH = PasswordHash.of("correct horse".toCharArray()).encoded();
  private static final Pattern TOKEN =
      Pattern.compile("action=\"/configuration/reload\"[^<]*<input[^>]*value=\"([^\"]+)\"");

  @TempDir Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private Components components;
  private String yaml = "";

  @BeforeEach
  void start() throws Exception {
    configure("30d", "");
    components = Components.start(ConfigLoader.parse(yaml, "test"), line -> {});
    var unused = new Reloader(components, () -> ConfigLoader.parse(yaml, "test"));
  }

  @AfterEach
  void stop() {
    components.close();
  }

  private void configure(String notSeenAfter, String more) {
    yaml =
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
            - {name: intern, passwordHash: '%s'}
            - {name: ops, role: operator, passwordHash: '%s'}
          tokens:
            - {name: deploy, role: administrator, sha256: '%s'}
            - {name: assets, role: operator, sha256: '%s'}
            - {name: prometheus, sha256: '%s'}
        accessLog: {file: '%s/access.log'}
        inventory: {flushInterval: 1s, notSeenAfter: %s}
        devices: {reverseDns: false}
        limits: {drainTimeout: 0s}
        %s
        """
            .formatted(
                directory,
                HASH,
                HASH,
                HASH,
                digest("deploy"),
                digest("assets"),
                digest("prometheus"),
                directory,
                notSeenAfter,
                more);
  }

  private static String digest(String token) {
    return HexFormat.of()
        .formatHex(Digests.sha256().digest(token.getBytes(StandardCharsets.US_ASCII)));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + components.adminAddress().getPort() + path))
        .timeout(Duration.ofSeconds(30))
        .header("Sec-Fetch-Site", "same-origin");
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String cookie, String body) throws Exception {
    return send(
        request(path).header("Cookie", cookie).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private String session(String user) throws Exception {
    HttpResponse<String> signedIn =
        post("/sign-in", "a=b", "name=" + user + "&password=correct+horse&next=/configuration");
    assertThat(signedIn.headers().firstValue("location")).contains("/configuration");
    return signedIn.headers().firstValue("set-cookie").orElseThrow().replaceAll(";.*", "");
  }

  private String page(String path, String cookie) throws Exception {
    return send(request(path).header("Cookie", cookie)).body();
  }

  private HttpResponse<String> reload(String cookie) throws Exception {
    Matcher token = TOKEN.matcher(page("/configuration", cookie));
    String value = token.find() ? token.group(1) : "none";
    return post(
        "/configuration/reload",
        cookie,
        "form-token=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
  }

  @Test
  void anAdministratorSeesWhatAReloadWouldChangeAndReloads() throws Exception {
    String boss = session("boss");
    assertThat(page("/configuration", boss))
        .contains("Generation 1", "The file has the configuration that is in use");
    configure("31d", "");
    assertThat(page("/configuration", boss))
        .contains("A reload changes these keys:", "<code>inventory.notSeenAfter</code>");

    HttpResponse<String> reloaded = reload(boss);
    assertThat(reloaded.statusCode()).as(reloaded.body()).isEqualTo(303);
    assertThat(reloaded.headers().firstValue("location")).contains("/configuration");
    assertThat(page("/configuration", boss))
        .contains("These keys have changed: inventory.notSeenAfter.", "Generation 2");
    assertThat(components.config().inventory().notSeenAfter()).isEqualTo(Duration.ofDays(31));
    assertThat(page("/configuration", boss))
        .as("the session continues")
        .contains("Generation 2")
        .doesNotContain("These keys have changed");
  }

  @Test
  void showsTheProblemsWithTheirLinesAndReloadsNothing() throws Exception {
    String boss = session("boss");
    configure("31d", "colour: red");
    assertThat(page("/configuration", boss))
        .containsPattern("test:[0-9]+: colour")
        .contains("colour", "A reload is refused until the problems are solved");
    HttpResponse<String> refused = reload(boss);
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains("Nothing was reloaded", "colour");
    assertThat(components.config().inventory().notSeenAfter()).isEqualTo(Duration.ofDays(30));
  }

  @Test
  void aViewerSeesTheReasonAndCannotReload() throws Exception {
    String intern = session("intern");
    configure("31d", "");
    assertThat(page("/configuration", intern))
        .contains("This needs the role administrator; you have the role viewer.")
        .doesNotContain("notSeenAfter", "<button");
    assertThat(reload(intern).statusCode()).isEqualTo(403);
    assertThat(send(request("/audit").header("Cookie", intern)).statusCode()).isEqualTo(403);
    assertThat(components.config().inventory().notSeenAfter()).isEqualTo(Duration.ofDays(30));
  }

  @Test
  void theAuditLogHasWhatWasChangedOnThePageAsCsvAndInTheAccessLog() throws Exception {
    String boss = session("boss");
    configure("31d", "");
    assertThat(reload(boss).statusCode()).isEqualTo(303);
    await().until(() -> page("/audit", boss).contains("changed: inventory.notSeenAfter"));
    assertThat(page("/audit?who=bo&action=reload", boss))
        .contains("1 to 1 of 1 record", "changed: inventory.notSeenAfter", "127.0.0.1 (pages)");
    assertThat(page("/audit?who=nobody", boss)).contains("nothing matches");
    assertThat(send(request("/audit?from=yesterday").header("Cookie", boss)).statusCode())
        .isEqualTo(400);
    assertThat(page("/audit.csv?action=reload", boss))
        .startsWith(
            "at,who,role,from,via,action,object,before,after,result,subject,part,instance,id\r\n")
        .containsPattern(
            ",boss,administrator,127\\.0\\.0\\.1,pages,configuration\\.reload,,,changed:"
                + " inventory\\.notSeenAfter,done,,,[^,]+:0,[0-9a-f]{28}\r\n");
    Path log = directory.resolve("access.log");
    await()
        .until(() -> Files.exists(log) && Files.readString(log).contains("configuration.reload"));
    assertThat(Files.readString(log)).contains("\"type\":\"audit\"", "\"who\":\"boss\"");
    assertThat(directory.resolve("data/audit.journal")).isEmptyFile();
  }

  private HttpResponse<String> reloadByApi(String token) throws Exception {
    return send(
        request("/api/configuration/reload")
            .header("Authorization", "Bearer " + token)
            .POST(HttpRequest.BodyPublishers.noBody()));
  }

  @Test
  void aProgramReloadsByTheApi() throws Exception {
    configure("31d", "");
    assertThat(reloadByApi("prometheus").statusCode()).isEqualTo(403);
    assertThat(components.config().inventory().notSeenAfter()).isEqualTo(Duration.ofDays(30));
    HttpResponse<String> done = reloadByApi("deploy");
    assertThat(done.statusCode()).isEqualTo(200);
    assertThat(done.body())
        .isEqualTo(
            "{\"action\":\"configuration.reload\",\"object\":\"\",\"before\":\"\","
                + "\"after\":\"changed: inventory.notSeenAfter\",\"result\":\"done\"}\n");
    configure("31d", "colour: red");
    HttpResponse<String> refused = reloadByApi("deploy");
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains("\"result\":\"refused\"");
  }

  /** A device that was refused, and is in the inventory. */
  private void aDeviceComes() throws Exception {
    try (Socket device = Device.open(components.listeners().get(0).address())) {
      assertThat(Device.connect(device, new HostPort("198.51.100.1", 443))).contains(" 403 ");
    }
    String intern = session("intern");
    await().until(() -> page("/devices", intern).contains(">127.0.0.1<"));
  }

  private HttpResponse<String> edit(String cookie, String more) throws Exception {
    Matcher token =
        Pattern.compile(
                "action=\"/devices/edit\"[^<]*<input[^>]*value=\"([^\"]+)\".*?version\" value=\"([^\"]+)",
                Pattern.DOTALL)
            .matcher(page("/devices/127.0.0.1", cookie));
    boolean found = token.find();
    return post(
        "/devices/edit",
        cookie,
        "address=127.0.0.1&form-token="
            + URLEncoder.encode(found ? token.group(1) : "none", StandardCharsets.UTF_8)
            + "&version="
            + (found ? token.group(2) : "")
            + "&"
            + more);
  }

  @Test
  void anOperatorWritesAboutADeviceAndAViewerReadsIt() throws Exception {
    aDeviceComes();
    String ops = session("ops");
    String intern = session("intern");
    assertThat(page("/devices/127.0.0.1", intern))
        .contains("Nobody has written an owner or a place yet.", "This needs the role operator")
        .doesNotContain("action=\"/devices/edit\"");
    assertThat(page("/devices/import", intern))
        .contains("This needs the role operator; you have the role viewer.")
        .doesNotContain("<button");
    assertThat(edit(intern, "owner=evil").statusCode()).isEqualTo(403);
    assertThat(edit(ops, "owner=evil&name=x").statusCode()).as("unknown field").isEqualTo(400);
    assertThat(post("/devices/edit", ops, "address=127.0.0.1&owner=evil").statusCode())
        .as("without the token of a form")
        .isEqualTo(403);

    HttpResponse<String> saved = edit(ops, "owner=it%40contoso.com&place=&tags=vip&note=");
    assertThat(saved.statusCode()).as(saved.body()).isEqualTo(303);
    assertThat(saved.headers().firstValue("location")).contains("/devices/127.0.0.1");
    assertThat(page("/devices/127.0.0.1", ops))
        .contains("<strong>Saved.</strong>", "value=\"it@contoso.com\"");
    assertThat(page("/devices/127.0.0.1", intern))
        .contains("<dt>Owner</dt>", "it@contoso.com")
        .doesNotContain("evil");
    String boss = session("boss");
    await().until(() -> page("/audit?action=devices.edit", boss).contains("tags=vip"));
  }

  @Test
  void aProgramImportsAndFiltersDevices() throws Exception {
    aDeviceComes();
    for (String token : new String[] {"prometheus", "assets"}) {
      HttpResponse<String> done =
          send(
              request("/api/devices/import")
                  .header("Authorization", "Bearer " + token)
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "apply=yes&csv="
                              + URLEncoder.encode(
                                  "address;place;tags\r\n127.0.0.1;\u00c4rzte;vip\r\n10.9.9.9;x;y",
                                  StandardCharsets.UTF_8))));
      assertThat(done.statusCode()).isEqualTo(token.equals("assets") ? 200 : 403);
      if (token.equals("assets")) {
        assertThat(done.body())
            .contains("\"action\":\"devices.import\",\"object\":\"1 device\"", "tags=vip");
      }
    }
    for (String query :
        new String[] {"tag=vip", "place=%C3%84rz", "problem=no_route", "ended=no"}) {
      assertThat(api("/api/devices?" + query)).as(query).contains("127.0.0.1", "\"vip\"");
    }
    for (String query : new String[] {"tag=vi", "owner=it", "reply=535", "place=1"}) {
      assertThat(api("/api/devices?" + query)).as(query).isEqualToIgnoringWhitespace("[]");
    }
  }

  private String api(String path) throws Exception {
    return send(request(path).header("Authorization", "Bearer prometheus")).body();
  }

  @Test
  void withoutUsersThePageNamesTheMissingKeys() throws Exception {
    components.close();
    configure("30d", "");
    yaml = yaml.replaceFirst("(?s)  users:.*?(?=accessLog:)", "");
    components = Components.start(ConfigLoader.parse(yaml, "test"), line -> {});
    var unused = new Reloader(components, () -> ConfigLoader.parse(yaml, "test"));
    assertThat(page("/configuration", "a=b"))
        .contains("Generation 1", "add one to admin.users with a role")
        .doesNotContain("<button");
    assertThat(page("/sign-in", "a=b")).contains("Nobody can sign in here").doesNotContain("<form");
    assertThat(send(request("/audit")).statusCode()).isEqualTo(403);
    assertThat(post("/configuration/reload", "a=b", "").statusCode()).isEqualTo(403);
  }
}
