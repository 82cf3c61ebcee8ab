package org.tlsuplift.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.signin.PasswordHash;

/** The admin port behind a proxy that ends TLS. */
class AdminFrontTest {
  private static final String RIGHT = "correct horse";
  private static final AdminAccess ACCESS =
      new AdminAccess(
          Set.of("x"),
          List.of(new AdminAccess.User("ops", PasswordHash.of(RIGHT.toCharArray()), Role.OPERATOR)),
          List.of(),
          false);
  private static final List<ResourcePath> PAGES =
      List.of(
          new ResourcePath("/forms", request -> Response.line(200, "")),
          ResourcePath.open("/sign-in", request -> Response.line(200, "")));

  private static AdminFront front(String url, String... proxies) {
    return new AdminFront(url, Stream.of(proxies).map(Cidr::parse).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10.0.0.1 | 192.0.2.1 | 192.0.2.1",
        "10.0.0.1 | 203.0.113.9, 192.0.2.1 | 192.0.2.1",
        "10.0.0.1 | 203.0.113.9,192.0.2.1,10.0.0.2 | 192.0.2.1",
        "10.0.0.1 | 10.0.0.3, 10.0.0.2 | 10.0.0.3",
        "10.0.0.1 | 192.0.2.1:4711 | 192.0.2.1",
        "10.0.0.1 | [2001:DB8::1]:4711 | 2001:db8:0:0:0:0:0:1",
        "10.0.0.1 | 2001:db8::1 | 2001:db8:0:0:0:0:0:1",
        "10.0.0.1 | 192.0.2.1, unknown | 10.0.0.1",
        "10.0.0.1 | 192.0.2.1, | 10.0.0.1",
        "10.0.0.1 | uplift.example | 10.0.0.1",
        "10.0.0.1 | '' | 10.0.0.1",
        "192.0.2.7 | 192.0.2.1 | 192.0.2.7",
        "192.0.2.7 | 10.0.0.1 | 192.0.2.7",
      })
  void believesOnlyTrustedProxies(String peer, String forwarded, String client) throws Exception {
    HttpHeaders headers = new DefaultHttpHeaders();
    if (!forwarded.isEmpty()) {
      headers.set("X-Forwarded-For", forwarded);
    }
    assertThat(
            front("https://a.example", "10.0.0.0/24")
                .client(InetAddress.getByName(peer), headers)
                .getHostAddress())
        .isEqualTo(client);
  }

  @Test
  void joinsTheLinesOfTheHeader() throws Exception {
    HttpHeaders headers =
        new DefaultHttpHeaders()
            .add("X-Forwarded-For", "203.0.113.9")
            .add("X-Forwarded-For", "192.0.2.1");
    assertThat(front(null, "10.0.0.1").client(InetAddress.getByName("10.0.0.1"), headers))
        .isEqualTo(InetAddress.getByName("192.0.2.1"));
  }

  @ParameterizedTest
  @CsvSource({
    "https://Uplift.example, https://uplift.example",
    "https://uplift.example:443/, https://uplift.example",
    "https://uplift.example:8443/uplift/, https://uplift.example:8443",
    ", ''"
  })
  void knowsTheOriginInBrowsers(String url, String origin) {
    assertThat(front(url).origin()).isEqualTo(origin);
  }

  private static RunningAdmin start(AdminFront front) throws Exception {
    RunningAdmin admin =
        new RunningAdmin(AdminLimits.DEFAULT, PAGES, ACCESS, List.of(), Ticker.systemTicker());
    admin.server.replace(admin.spec(ACCESS, front, PAGES, List.of()));
    return admin;
  }

  private static HttpResponse<String> signIn(RunningAdmin admin, String... headers)
      throws Exception {
    HttpRequest.Builder request = admin.request("/sign-in").headers(headers);
    return admin.send(
        request.POST(
            BodyPublishers.ofString(
                "name=ops&password=" + RIGHT.replace(' ', '+') + "&next=/forms")));
  }

  @Test
  void browsersKeepTheCookieAndTheAddressFromPlainHttp() throws Exception {
    try (RunningAdmin admin = start(front("https://uplift.example"))) {
      HttpResponse<String> response = signIn(admin, "Origin", "https://uplift.example");
      assertThat(response.headers().firstValue("strict-transport-security")).isPresent();
      String cookie = response.headers().firstValue("set-cookie").orElseThrow();
      assertThat(cookie).startsWith("__Host-tlsuplift-session=").endsWith("; Secure");
      assertThat(
              admin
                  .send(admin.request("/forms").header("Cookie", cookie.replaceAll(";.*", "")))
                  .statusCode())
          .isEqualTo(200);
      String host = "127.0.0.1:" + admin.server.address().getPort();
      for (String other : List.of("http://" + host, "https://evil.example", "null", "")) {
        assertThat(signIn(admin, "Origin", other).statusCode()).as(other).isEqualTo(403);
      }
      assertThat(signIn(admin, "X-Any", "no origin").statusCode()).isEqualTo(403);
    }
    try (RunningAdmin admin = start(AdminFront.NOTHING)) {
      assertThat(admin.get("/healthz").headers().firstValue("strict-transport-security")).isEmpty();
      assertThat(signIn(admin, "Origin", "https://uplift.example").statusCode()).isEqualTo(403);
    }
  }

  @Test
  void ratesAndRecordsSeeTheClientsOfAProxy() throws Exception {
    try (RunningAdmin admin = start(front("https://uplift.example", "127.0.0.1"))) {
      for (int i = 0; i < ActionRates.MAX; i++) {
        assertThat(signIn(admin, "X-Forwarded-For", "192.0.2.1").statusCode()).isEqualTo(403);
      }
      assertThat(signIn(admin, "X-Forwarded-For", "8.8.8.8, 192.0.2.1").statusCode())
          .isEqualTo(429);
      assertThat(
              signIn(
                      admin,
                      "Origin",
                      "https://uplift.example",
                      "X-Forwarded-For",
                      "192.0.2.1, 192.0.2.2")
                  .statusCode())
          .isEqualTo(303);
      assertThat(audit(admin)).containsExactly("192.0.2.2");
    }
  }

  @Test
  void ignoresTheHeaderOfOthers() throws Exception {
    try (RunningAdmin admin = start(front("https://uplift.example", "10.0.0.1"))) {
      signIn(admin, "Origin", "https://uplift.example", "X-Forwarded-For", "192.0.2.2");
      assertThat(audit(admin)).containsExactly("127.0.0.1");
    }
  }

  private static List<String> audit(RunningAdmin admin) throws Exception {
    List<AuditRecord> all = new ArrayList<>();
    admin.journal.drain(all::addAll);
    return all.stream().map(AuditRecord::from).toList();
  }
}
