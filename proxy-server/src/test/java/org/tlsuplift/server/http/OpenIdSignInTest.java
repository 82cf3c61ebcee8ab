package org.tlsuplift.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.signin.PasswordHash;
import org.tlsuplift.server.signin.openid.OpenIdClient;
import org.tlsuplift.server.signin.openid.StandInProvider;

/** How people at an OpenID provider get a session of the admin port. */
class OpenIdSignInTest {
  private static final String RETURN = "/sign-in/openid/return?";

  private final StandInProvider idp = new StandInProvider();
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger replaced = new AtomicInteger();
  private final Action replace =
      new Action(
          "/replace",
          "/who",
          Role.OPERATOR,
          true,
          "Replaces.",
          List.of(),
          form -> {
            replaced.incrementAndGet();
            return Action.Done.back("Replaced.", Change.done("", "", ""));
          });
  private final List<ResourcePath> pages =
      List.of(
          new ResourcePath(
              "/who",
              request ->
                  Response.line(
                      200,
                      request.visitor().name()
                          + " "
                          + request.visitor().role().label()
                          + " "
                          + request.visitor().forms().token("/replace"))),
          new ResourcePath(
              "/out", request -> Response.line(200, request.visitor().forms().token("/sign-out"))),
          ResourcePath.open("/sign-in", request -> Response.line(200, "the page to sign in")));

  private RunningAdmin admin;

  @BeforeEach
  void start() throws Exception {
    admin =
        new RunningAdmin(
            AdminLimits.DEFAULT,
            pages,
            access(Role.OPERATOR),
            List.of(replace),
            nanos::get,
            idp.provider());
  }

  @AfterEach
  void stop() {
    admin.close();
  }

  private static AdminAccess access(Role operators) {
    return new AdminAccess(
        Set.of("x"),
        List.of(
            new AdminAccess.User(
                "boss", PasswordHash.of("correct horse".toCharArray()), Role.ADMINISTRATOR)),
        List.of(),
        new AdminAccess.OpenIdConnect(
            new OpenIdClient(StandInProvider.ISSUER, StandInProvider.CLIENT, "roles"),
            null,
            Map.of("uplift-operators", operators, "uplift-viewers", Role.VIEWER)),
        false);
  }

  private HttpResponse<String> get(String path, String cookie) throws Exception {
    return admin.send(admin.request(path).header("Cookie", cookie));
  }

  private static String cookie(HttpResponse<String> response) {
    return response.headers().firstValue("set-cookie").orElseThrow().replaceAll(";.*", "");
  }

  private static String query(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(
            each ->
                each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  /** A browser that has just come back from the provider's page. */
  private final class Browser {
    private final String cookie;
    private final Map<String, String> answer;

    Browser(String begin) throws Exception {
      this(begin, "a=b");
    }

    Browser(String begin, String session) throws Exception {
      HttpResponse<String> begun = get(begin, session);
      assertThat(begun.statusCode()).isEqualTo(303);
      cookie = cookie(begun);
      answer = new HashMap<>(idp.authorize(begun.headers().firstValue("location").orElseThrow()));
    }

    HttpResponse<String> comeBack() throws Exception {
      return get(RETURN + query(answer), cookie);
    }
  }

  private HttpResponse<String> signIn() throws Exception {
    return new Browser("/sign-in/openid?next=%2Fwho").comeBack();
  }

  private String who(String cookie) throws Exception {
    return get("/who", cookie).body().replaceAll(" [^ ]*\n", "");
  }

  private List<AuditRecord> audit() throws Exception {
    List<AuditRecord> all = new ArrayList<>();
    admin.journal.drain(all::addAll);
    return all;
  }

  private double refusals() {
    return admin
        .metrics
        .scrape("")
        .text()
        .lines()
        .filter(line -> line.startsWith("tlsuplift_admin_sign_ins_refused_total{"))
        .filter(line -> line.contains("reason=\"wrong\""))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll(".* ", "")))
        .sum();
  }

  @Test
  void beginsASessionThatStrictCookiesCarry() throws Exception {
    HttpResponse<String> begun = admin.get("/sign-in/openid?next=%2Fwho");
    assertThat(begun.headers().firstValue("location").orElseThrow())
        .startsWith(StandInProvider.ISSUER + "/authorize?")
        .contains(
            "redirect_uri=http%3A%2F%2F127.0.0.1%3A"
                + admin.server.address().getPort()
                + "%2Fsign-in%2Fopenid%2Freturn");
    assertThat(begun.headers().firstValue("set-cookie").orElseThrow())
        .matches("tlsuplift-openid=[A-Za-z0-9_.-]+; Max-Age=600; Path=/; HttpOnly; SameSite=Lax");
    HttpResponse<String> response = signIn();
    assertThat(response.statusCode()).as("a redirect would lose the cookie").isEqualTo(200);
    assertThat(response.headers().firstValue("refresh")).contains("0;url=/who");
    assertThat(response.headers().firstValue("set-cookie").orElseThrow())
        .matches("tlsuplift-session=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Strict");
    assertThat(who(cookie(response))).isEqualTo("alice@corp.example operator");
    assertThat(audit())
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.who()).isEqualTo("alice@corp.example");
              assertThat(record.role()).isEqualTo("operator");
              assertThat(record.action()).isEqualTo("sign-in");
              assertThat(record.object()).isEqualTo("subject-1");
              assertThat(record.result()).isEqualTo(Change.Result.DONE);
            });
    nanos.addAndGet(Duration.ofMinutes(31).toNanos());
    assertThat(get("/who", cookie(response)).statusCode()).as("idle").isEqualTo(401);
  }

  @Test
  void leadsOnlyToPagesOfThisPort() throws Exception {
    HttpResponse<String> response =
        new Browser("/sign-in/openid?next=%2F%2Fevil.example").comeBack();
    assertThat(response.headers().firstValue("refresh")).contains("0;url=/");
  }

  @Test
  void refusesWhatAnotherBrowserBegan() throws Exception {
    Browser victim = new Browser("/sign-in/openid");
    Browser attacker = new Browser("/sign-in/openid");
    for (String cookie :
        List.of(
            victim.cookie, "a=b", "tlsuplift-openid=x", attacker.cookie + "; " + victim.cookie)) {
      HttpResponse<String> response = get(RETURN + query(attacker.answer), cookie);
      assertThat(response.statusCode()).as(cookie).isEqualTo(403);
      assertThat(response.body())
          .startsWith("this browser has begun no such sign-in")
          .endsWith("-> /sign-in\n");
      assertThat(response.headers().firstValue("set-cookie")).isEmpty();
    }
    assertThat(refusals()).isEqualTo(4);
    assertThat(idp.authorize("https://x/?state=y")).isNotEmpty();
    assertThat(victim.comeBack().statusCode()).as("the victim's own").isEqualTo(200);
  }

  @Test
  void refusesAResponseThatWasUsed() throws Exception {
    Browser browser = new Browser("/sign-in/openid");
    assertThat(browser.comeBack().statusCode()).isEqualTo(200);
    assertThat(browser.comeBack().statusCode()).isEqualTo(403);
    reload();
    assertThat(browser.comeBack().statusCode()).as("after a reload").isEqualTo(403);
  }

  @Test
  void showsWhatTheProviderRefuses() throws Exception {
    Browser browser = new Browser("/sign-in/openid");
    browser.answer.remove("code");
    browser.answer.put("error", "access_denied");
    browser.answer.put("error_description", "the user cancelled");
    assertThat(browser.comeBack().body())
        .isEqualTo("the identity provider refuses the sign-in: access_denied -> /sign-in\n");
  }

  @Test
  void refusesPeopleWithoutARoleAndRecordsThem() throws Exception {
    idp.claims = claims -> claims.setStringListClaim("roles", "others", "more");
    HttpResponse<String> response = signIn();
    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(response.body())
        .isEqualTo(
            "you have no role here: ask for one of uplift-operators, uplift-viewers -> /sign-in\n");
    assertThat(response.headers().firstValue("set-cookie")).isEmpty();
    assertThat(audit())
        .anySatisfy(
            record -> {
              assertThat(record.who()).isEqualTo("alice@corp.example");
              assertThat(record.result()).isEqualTo(Change.Result.REFUSED);
              assertThat(record.after()).startsWith("you have no role here");
            });
    assertThat(refusals()).isEqualTo(1);
    idp.claims = claims -> claims.unsetClaim("roles");
    assertThat(signIn().statusCode()).isEqualTo(403);
    idp.claims = claims -> claims.setStringListClaim("roles", "uplift-viewers", "uplift-operators");
    assertThat(who(cookie(signIn()))).as("the highest role").endsWith(" operator");
  }

  @Test
  void eachRecordOfASessionHasTheSubjectBecauseNamesChange() throws Exception {
    String subject = StandInProvider.ISSUER + " subject-1";
    idp.claims =
        claims -> {
          claims.setStringClaim("preferred_username", "boss");
          claims.setClaim("auth_time", java.time.Instant.now().getEpochSecond());
        };
    String cookie = cookie(new Browser("/sign-in/openid?again=yes").comeBack());
    assertThat(replace(cookie).statusCode()).isEqualTo(303);
    admin.send(form("/sign-out", cookie, get("/out", cookie).body().strip()));
    idp.claims = claims -> claims.setStringListClaim("roles", "others");
    signIn();
    List<AuditRecord> records = audit();
    assertThat(records)
        .extracting(AuditRecord::action)
        .containsExactly("sign-in", "replace", "sign-out", "sign-in");
    assertThat(records).extracting(AuditRecord::subject).containsOnly(subject);
    assertThat(records)
        .extracting(AuditRecord::who)
        .startsWith("boss (OpenID Connect)")
        .endsWith("alice@corp.example");
    assertThat(records.get(3).role()).as("someone without a role").isEmpty();
  }

  @Test
  void someoneWithTheSameNameEndsNoSessionOfAnotherUser() throws Exception {
    String first = cookie(signIn());
    idp.claims = claims -> claims.setSubject("subject-2");
    for (int i = 0; i <= AdminSessions.MAX_PER_USER; i++) {
      assertThat(signIn().statusCode()).isEqualTo(200);
    }
    assertThat(who(first)).isEqualTo("alice@corp.example operator");
  }

  @Test
  void endsTheSessionInWhichTheSignInBegan() throws Exception {
    String first = cookie(signIn());
    String other = cookie(signIn());
    Browser browser = new Browser("/sign-in/openid", first);
    assertThat(get("/who", first).statusCode()).as("until the sign-in succeeds").isEqualTo(200);
    reload();
    String second = cookie(browser.comeBack());
    assertThat(get("/who", first).statusCode()).isEqualTo(401);
    assertThat(get("/who", second).statusCode()).isEqualTo(200);
    assertThat(get("/who", other).statusCode()).as("of another browser").isEqualTo(200);
  }

  @Test
  void acceptsNoTimeOfAuthenticationInTheFuture() throws Exception {
    for (long wrong : List.of(3600L, Long.MAX_VALUE / 2, Long.MIN_VALUE / 2)) {
      idp.claims =
          claims -> claims.setClaim("auth_time", java.time.Instant.now().getEpochSecond() + wrong);
      assertThat(new Browser("/sign-in/openid?again=yes").comeBack().statusCode())
          .as("%s s", wrong)
          .isEqualTo(403);
      String session = cookie(signIn());
      assertThat(replace(session).headers().firstValue("location").orElseThrow())
          .as("%s s", wrong)
          .contains("problem=again");
    }
    idp.claims =
        claims -> claims.setClaim("auth_time", java.time.Instant.now().getEpochSecond() + 20);
    assertThat(new Browser("/sign-in/openid?again=yes").comeBack().statusCode())
        .as("the clocks differ a little")
        .isEqualTo(200);
  }

  @Test
  void marksANameThatAConfiguredUserHas() throws Exception {
    idp.claims = claims -> claims.setStringClaim("preferred_username", "boss");
    assertThat(who(cookie(signIn()))).isEqualTo("boss (OpenID Connect) operator");
  }

  @Test
  void endsSessionsWhenTheSettingsChange() throws Exception {
    String cookie = cookie(signIn());
    reload();
    assertThat(get("/who", cookie).statusCode()).as("the same settings").isEqualTo(200);
    admin.server.replace(admin.spec(access(Role.VIEWER), pages, List.of(replace)));
    assertThat(get("/who", cookie).statusCode()).isEqualTo(401);
  }

  private void reload() {
    admin.server.replace(admin.spec(access(Role.OPERATOR), pages, List.of(replace)));
  }

  private HttpResponse<String> replace(String cookie) throws Exception {
    String token = get("/who", cookie).body().replaceAll("(?s).* |\n", "");
    return admin.send(form("/replace", cookie, token));
  }

  private HttpRequest.Builder form(String path, String cookie, String token) {
    return admin
        .request(path)
        .header("Sec-Fetch-Site", "same-origin")
        .header("Origin", "null")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("Cookie", cookie)
        .POST(BodyPublishers.ofString("form-token=" + token));
  }

  @Test
  void asksForAFreshSignInWhereAnActionNeedsIt() throws Exception {
    HttpResponse<String> old = replace(cookie(signIn()));
    assertThat(old.headers().firstValue("location")).contains("/sign-in?problem=again&next=%2Fwho");
    assertThat(replaced).hasValue(0);

    HttpResponse<String> unproved = new Browser("/sign-in/openid?again=yes").comeBack();
    assertThat(unproved.statusCode()).isEqualTo(403);
    assertThat(unproved.body()).startsWith("the identity provider did not ask for your password");
    idp.claims =
        claims -> claims.setClaim("auth_time", java.time.Instant.now().getEpochSecond() - 301);
    assertThat(new Browser("/sign-in/openid?again=yes").comeBack().statusCode()).isEqualTo(403);

    idp.claims =
        claims -> claims.setClaim("auth_time", java.time.Instant.now().getEpochSecond() - 120);
    String fresh = cookie(new Browser("/sign-in/openid?again=yes").comeBack());
    assertThat(replace(fresh).headers().firstValue("location")).contains("/who");
    assertThat(replaced).hasValue(1);
    nanos.addAndGet(Duration.ofMinutes(4).toNanos());
    assertThat(replace(fresh).headers().firstValue("location").orElseThrow())
        .as("six minutes after the password")
        .contains("problem=again");
  }

  @Test
  void boundsSignInsFromOneAddress() throws Exception {
    int allowed = 0;
    HttpResponse<String> last;
    do {
      last = admin.get("/sign-in/openid");
      allowed++;
    } while (last.statusCode() == 303);
    assertThat(last.statusCode()).isEqualTo(429);
    assertThat(allowed).isEqualTo(ActionRates.MAX + 1);
  }

  @Test
  void acceptsOnlyGetFromAPageThatABrowserOpens() throws Exception {
    HttpResponse<String> post =
        admin.send(admin.request("/sign-in/openid").POST(BodyPublishers.noBody()));
    assertThat(post.statusCode()).isEqualTo(405);
    HttpResponse<String> embedded =
        admin.send(
            admin
                .request("/sign-in/openid")
                .header("Sec-Fetch-Site", "cross-site")
                .header("Sec-Fetch-Mode", "no-cors")
                .header("Sec-Fetch-Dest", "image"));
    assertThat(embedded.statusCode()).isEqualTo(403);
  }

  @Test
  void isAWayToSignInWithoutPasswords() {
    AdminAccess only =
        new AdminAccess(Set.of(), List.of(), List.of(), access(Role.VIEWER).openIdConnect(), false);
    assertThat(only.missingForActions(true, false)).isEmpty();
    assertThat(only.missingForActions(false, false)).contains("set admin.tls");
    assertThat(only.needsSignIn()).isTrue();
  }
}
