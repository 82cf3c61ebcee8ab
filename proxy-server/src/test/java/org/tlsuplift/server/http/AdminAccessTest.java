package org.tlsuplift.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.signin.PasswordHash;

/** Who gets an answer at the admin port. */
class AdminAccessTest {
  private static final String RIGHT = "correct horse";
  private static final PasswordHash HASH = PasswordHash.of(RIGHT.toCharArray());
  private static final String TOKEN = "tlsuplift_0123456789abcdef";
  private static final List<ResourcePath> PAGE =
      List.of(
          new ResourcePath("/page", request -> Response.html("page")),
          new ResourcePath("/work", Role.OPERATOR, request -> Response.html("work")),
          new ResourcePath("/api/all", Role.ADMINISTRATOR, request -> Response.html("all")));

  private RunningAdmin admin;

  @BeforeEach
  void start() throws Exception {
    admin = running(false);
  }

  @AfterEach
  void stop() {
    admin.close();
  }

  private static RunningAdmin running(boolean openMetrics) throws Exception {
    return new RunningAdmin(
        AdminLimits.DEFAULT,
        PAGE,
        new AdminAccess(
            Set.of("uplift.example"),
            List.of(
                new AdminAccess.User("ops", HASH, Role.OPERATOR),
                new AdminAccess.User("boss", HASH, Role.ADMINISTRATOR),
                new AdminAccess.User("intern", HASH, Role.VIEWER)),
            List.of(
                new AdminAccess.Token("prometheus", digest(TOKEN), Role.VIEWER, null),
                new AdminAccess.Token(
                    "deploy", digest(TOKEN + "d"), Role.ADMINISTRATOR, Instant.MAX),
                new AdminAccess.Token(
                    "old", digest(TOKEN + "o"), Role.ADMINISTRATOR, Instant.EPOCH)),
            openMetrics));
  }

  private static String digest(String token) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.US_ASCII)));
  }

  private static String basic(String name, String password) {
    return "Basic "
        + Base64.getEncoder()
            .encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  private int status(String path, String... headers) throws Exception {
    HttpRequest.Builder request = admin.request(path);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return admin.send(request).statusCode();
  }

  /** What somebody gets who calls the port by a name. */
  private String asked(String name) throws Exception {
    try (Socket socket = admin.connect()) {
      RunningAdmin.write(socket, "HEAD /healthz HTTP/1.1", "Host: " + name, "", "");
      return RunningAdmin.readHead(socket).substring(9, 12);
    }
  }

  @Test
  void requiresSignInForEverythingButHealth() throws Exception {
    for (String path : List.of("/", "/page", "/metrics", "/api/nothing", "/nothing")) {
      HttpResponse<String> response = admin.get(path);
      assertThat(response.statusCode()).as(path).isEqualTo(401);
      assertThat(response.headers().firstValue("www-authenticate"))
          .contains("Basic realm=\"TLS Uplift\", charset=\"UTF-8\", Bearer realm=\"TLS Uplift\"");
      assertThat(response.body()).doesNotContain("page\n");
    }
    assertThat(admin.get("/healthz").statusCode()).isEqualTo(200);
    assertThat(admin.get("/readyz").statusCode()).isEqualTo(503);
  }

  @Test
  void acceptsAPasswordOrAToken() throws Exception {
    assertThat(status("/page", "Authorization", basic("ops", RIGHT))).isEqualTo(200);
    assertThat(status("/metrics", "Authorization", basic("ops", RIGHT))).isEqualTo(200);
    assertThat(status("/page", "Authorization", "Bearer " + TOKEN)).isEqualTo(200);
    assertThat(status("/nothing", "Authorization", "bearer  " + TOKEN)).isEqualTo(404);
  }

  @Test
  void eachRoleReachesItsResourcesOnly() throws Exception {
    for (String viewer : List.of(basic("intern", RIGHT), "Bearer " + TOKEN)) {
      assertThat(statuses(viewer)).containsExactly(200, 403, 403);
    }
    assertThat(statuses(basic("ops", RIGHT))).containsExactly(200, 200, 403);
    for (String administrator : List.of(basic("boss", RIGHT), "Bearer " + TOKEN + "d")) {
      assertThat(statuses(administrator)).containsExactly(200, 200, 200);
    }
  }

  private List<Integer> statuses(String credential) throws Exception {
    List<Integer> statuses = new ArrayList<>();
    for (String path : List.of("/page", "/work", "/api/all")) {
      statuses.add(status(path, "Authorization", credential));
    }
    return statuses;
  }

  @Test
  void refusalNamesTheRole() throws Exception {
    HttpResponse<String> page =
        admin.send(admin.request("/work").header("Authorization", basic("intern", RIGHT)));
    assertThat(page.body())
        .isEqualTo(
            "this needs the role operator; intern has the role viewer: an administrator can change"
                + " it in admin.users, admin.tokens or admin.openIdConnect\n");
    HttpResponse<String> api =
        admin.send(admin.request("/api/all").header("Authorization", "Bearer " + TOKEN));
    assertThat(api.headers().firstValue("content-type")).contains("application/problem+json");
    assertThat(api.body()).contains("\"status\":403", "the role administrator; prometheus has");
  }

  @Test
  void withoutUsersEveryVisitorIsAViewer() throws Exception {
    try (RunningAdmin open = new RunningAdmin(AdminLimits.DEFAULT, PAGE)) {
      assertThat(open.get("/page").statusCode()).isEqualTo(200);
      assertThat(open.get("/work").statusCode()).isEqualTo(403);
      assertThat(open.get("/work").body())
          .isEqualTo("this needs a user with the role operator; add one to admin.users\n");
    }
  }

  @Test
  void refusesAnExpiredTokenWithTheReason() throws Exception {
    HttpResponse<String> response =
        admin.send(admin.request("/page").header("Authorization", "Bearer " + TOKEN + "o"));
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.body())
        .isEqualTo("the token old has expired; set a new token in admin.tokens\n");
    assertThat(admin.metrics.scrape("").text())
        .contains("tlsuplift_admin_sign_ins_refused_total{reason=\"expired\"} 1.0");
  }

  @Test
  void refusesWrongAndMalformedCredentials() throws Exception {
    assertThat(status("/page", "Authorization", basic("ops", "wrong"))).isEqualTo(401);
    assertThat(status("/page", "Authorization", "Bearer " + TOKEN + "x")).isEqualTo(401);
    assertThat(status("/page", "Authorization", "Basic %%%")).isEqualTo(401);
    assertThat(status("/page", "Authorization", "Basic")).isEqualTo(401);
    assertThat(status("/page", "Authorization", "Digest username=ops")).isEqualTo(401);
    assertThat(
            status(
                "/page",
                "Authorization",
                basic("ops", RIGHT),
                "Authorization",
                basic("ops", RIGHT)))
        .as("two at once")
        .isEqualTo(401);
    assertThat(status("/page", "Authorization", basic("nobody", RIGHT))).isEqualTo(401);
    assertThat(status("/page", "Authorization", basic("", ""))).isEqualTo(401);
    assertThat(status("/page", "Authorization", "Basic " + "A".repeat(4000))).isEqualTo(401);
  }

  @Test
  void slowsGuessesButNotUsersWhoSignedInBefore() throws Exception {
    assertThat(status("/metrics", "Authorization", basic("ops", RIGHT))).isEqualTo(200);

    List<Integer> statuses = new ArrayList<>();
    for (int guess = 0; guess < 8; guess++) {
      statuses.add(status("/page", "Authorization", basic("ops", "guess" + guess)));
    }

    assertThat(statuses).startsWith(401, 401, 401, 401, 401).contains(429);
    HttpResponse<String> slowed =
        admin.send(admin.request("/page").header("Authorization", "Bearer guess"));
    assertThat(slowed.statusCode()).isEqualTo(429);
    assertThat(slowed.headers().firstValue("retry-after")).isPresent();
    assertThat(status("/metrics", "Authorization", basic("ops", RIGHT)))
        .as("Prometheus is not affected")
        .isEqualTo(200);
    assertThat(status("/metrics", "Authorization", "Bearer " + TOKEN)).isEqualTo(200);
    assertThat(admin.metrics.scrape("").text())
        .contains("tlsuplift_admin_sign_ins_refused_total{reason=\"wrong\"}")
        .containsPattern("tlsuplift_admin_sign_ins_refused_total\\{reason=\"slowed\"} [1-9]");
  }

  @Test
  void aUserWhoSignsInAfterEachGuessIsSlowed() throws Exception {
    List<Integer> statuses = new ArrayList<>();
    for (int guess = 0; guess < 12; guess++) {
      statuses.add(status("/page", "Authorization", basic("ops", "guess" + guess)));
      assertThat(status("/page", "Authorization", basic("intern", RIGHT))).isEqualTo(200);
      assertThat(status("/page", "Authorization", "Bearer " + TOKEN)).isEqualTo(200);
    }
    assertThat(statuses).contains(429);
  }

  @Test
  void aRepeatedOldTokenDoesNotSlowTheUsersOfItsAddress() throws Exception {
    for (int scrape = 0; scrape < 12; scrape++) {
      assertThat(status("/metrics", "Authorization", "Bearer old")).isEqualTo(401);
    }
    assertThat(status("/page", "Authorization", basic("ops", RIGHT))).isEqualTo(200);
  }

  @Test
  void slowsGuessesOfUnknownNames() throws Exception {
    List<Integer> statuses = new ArrayList<>();
    for (int guess = 0; guess < 8; guess++) {
      statuses.add(status("/page", "Authorization", basic("name" + guess, "x")));
    }
    assertThat(statuses).startsWith(401, 401, 401, 401, 401).contains(429);
  }

  @Test
  void opensMetricsOnlyIfConfigured() throws Exception {
    try (RunningAdmin open = running(true)) {
      assertThat(open.get("/metrics").statusCode()).isEqualTo(200);
      assertThat(open.get("/page").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void acceptsOnlyItsOwnAddressesAndNamesAsHost() throws Exception {
    for (String name :
        List.of(
            "127.0.0.1",
            "127.0.0.1:9464",
            "[::1]:9464",
            "LOCALHOST:1",
            "Uplift.Example",
            "uplift.example.:9464")) {
      assertThat(asked(name)).as(name).isEqualTo("200");
    }
    for (String name :
        List.of(
            "evil.example",
            "evil.example:9464",
            "uplift.example.evil.example",
            "",
            "[",
            "127.0.0.1.evil.example",
            "[::1]evil.example",
            "[::1]evil.example:9464",
            "[::1].evil.example",
            "[::1]:evil.example",
            "[::1]:9464:evil.example",
            "[127.0.0.1]evil.example",
            "[evil.example]",
            "[evil.example]:9464",
            "::1",
            "[::1",
            "[::1%eth0.evil.example]x",
            "127.0.0.1:evil.example",
            "127.0.0.1:9464@evil.example",
            "localhost:evil.example",
            "x@127.0.0.1")) {
      assertThat(asked(name)).as(name).isIn("421", "400");
    }
    assertThat(asked("127.0.0.1\r\nHost: evil.example")).isIn("400", "421");
  }

  @Test
  void answersHealthChecksWithoutAHost() throws Exception {
    assertThat(admin.raw("GET /healthz HTTP/1.0", "", "")).startsWith("HTTP/1.").contains(" 200 ");
  }

  @Test
  void refusesOtherRequestsWithoutAHost() throws Exception {
    for (String path : List.of("/", "/page", "/metrics", "/nothing", "/healthz/..")) {
      for (String version : List.of("HTTP/1.0", "HTTP/1.1")) {
        String response =
            admin.raw(
                "GET " + path + " " + version,
                "Authorization: " + basic("ops", RIGHT),
                "Connection: close",
                "",
                "");
        assertThat(response).as(path).startsWith("HTTP/1.").contains(" 421 ");
      }
    }
  }

  @Test
  void isNotEmbeddedByPagesElsewhere() throws Exception {
    String authorization = basic("ops", RIGHT);
    assertThat(
            status(
                "/page",
                "Authorization",
                authorization,
                "Sec-Fetch-Site",
                "cross-site",
                "Sec-Fetch-Mode",
                "no-cors",
                "Sec-Fetch-Dest",
                "image"))
        .isEqualTo(403);
    assertThat(
            status(
                "/page",
                "Authorization",
                authorization,
                "Sec-Fetch-Site",
                "same-site",
                "Sec-Fetch-Mode",
                "navigate",
                "Sec-Fetch-Dest",
                "iframe"))
        .isEqualTo(403);
    assertThat(
            status(
                "/page",
                "Authorization",
                authorization,
                "Sec-Fetch-Site",
                "cross-site",
                "Sec-Fetch-Mode",
                "navigate",
                "Sec-Fetch-Dest",
                "document"))
        .as("a link is followed")
        .isEqualTo(200);
    assertThat(
            status(
                "/page",
                "Authorization",
                authorization,
                "Sec-Fetch-Site",
                "same-origin",
                "Sec-Fetch-Mode",
                "cors",
                "Sec-Fetch-Dest",
                "empty"))
        .isEqualTo(200);
  }

  @Test
  void sendsARestrictiveContentSecurityPolicy() throws Exception {
    for (String path : List.of("/healthz", "/page", "/nothing")) {
      HttpResponse<String> response = admin.get(path);
      assertThat(response.headers().firstValue("content-security-policy").orElse(""))
          .as(path)
          .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
          .doesNotContain("unsafe");
      assertThat(response.headers().firstValue("referrer-policy")).contains("no-referrer");
      assertThat(response.headers().firstValue("cross-origin-opener-policy"))
          .contains("same-origin");
      assertThat(response.headers().firstValue("cross-origin-resource-policy"))
          .contains("same-origin");
    }
  }

  @Test
  void limitsConnectionsOfOneAddressButNotOfOthers() throws Exception {
    List<Socket> held = new ArrayList<>();
    try {
      for (int i = 0; i < AdminLimits.DEFAULT.perAddress(); i++) {
        held.add(admin.connect());
        assertThat(RunningAdmin.answers(held.get(i))).isTrue();
      }
      try (Socket excess = admin.connect()) {
        assertThat(RunningAdmin.answers(excess)).isTrue();
        // The rest of its response, and the end.
        assertThat(held.get(0).getInputStream().readAllBytes()).isNotEmpty();
      }
      try (Socket elsewhere = new Socket()) {
        elsewhere.bind(new java.net.InetSocketAddress("127.0.0.2", 0));
        elsewhere.connect(admin.server.address());
        assertThat(RunningAdmin.answers(elsewhere)).isTrue();
      }
    } finally {
      for (Socket socket : held) {
        socket.close();
      }
    }
  }
}
