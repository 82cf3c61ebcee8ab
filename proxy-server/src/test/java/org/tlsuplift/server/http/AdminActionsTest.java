package org.tlsuplift.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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

/** Who can change something at the admin port, and how. */
class AdminActionsTest {
  private static final String RIGHT = "correct horse";
  private static final PasswordHash HASH = PasswordHash.of(RIGHT.toCharArray());
  private static final PasswordHash OTHER_HASH = PasswordHash.of("another one".toCharArray());
  private static final String TOKEN = "tlsuplift_0123456789abcdef";
  private static final String COOKIE = "tlsuplift-session";

  private final AtomicLong nanos = new AtomicLong();
  private final Counting operate = new Counting("/operate", Role.OPERATOR, false);
  private final Counting administer = new Counting("/administer", Role.ADMINISTRATOR, false);
  private final Counting replace = new Counting("/replace", Role.ADMINISTRATOR, true);
  private final List<Counting> actions = List.of(operate, administer, replace);

  /** Shows a token for the form of each action. */
  private final List<ResourcePath> pages =
      List.of(
          new ResourcePath(
              "/forms",
              request ->
                  Response.line(
                      200,
                      actions.stream()
                          .map(each -> request.visitor().forms().token(each.path()))
                          .collect(Collectors.joining(" ")))),
          ResourcePath.open("/sign-in", request -> Response.line(200, "the form to sign in")),
          new ResourcePath(
              "/notice",
              request ->
                  Response.line(
                      200,
                      request.visitor().forms().notice(request.parameter("of").orElseThrow()))),
          new ResourcePath(
              "/out", request -> Response.line(200, request.visitor().forms().token("/sign-out"))));

  private RunningAdmin admin;

  @BeforeEach
  void start() throws Exception {
    admin =
        new RunningAdmin(
            AdminLimits.DEFAULT, pages, access(HASH, Role.VIEWER), actions(), nanos::get);
  }

  private List<Action> actions() {
    return actions.stream().map(each -> each.action).toList();
  }

  @AfterEach
  void stop() {
    admin.close();
  }

  private static AdminAccess access(PasswordHash ofIntern, Role roleOfIntern) throws Exception {
    List<AdminAccess.Token> tokens = new ArrayList<>();
    for (Role role : Role.values()) {
      String digest =
          HexFormat.of()
              .formatHex(
                  MessageDigest.getInstance("SHA-256")
                      .digest((TOKEN + role).getBytes(StandardCharsets.US_ASCII)));
      tokens.add(new AdminAccess.Token("program-" + role.label(), digest, role, null));
    }
    return new AdminAccess(
        Set.of("x"),
        List.of(
            new AdminAccess.User("intern", ofIntern, roleOfIntern),
            new AdminAccess.User("ops", HASH, Role.OPERATOR),
            new AdminAccess.User("boss", HASH, Role.ADMINISTRATOR)),
        tokens,
        false);
  }

  /** Counts how often it was done. */
  private static final class Counting {
    private final AtomicInteger done = new AtomicInteger();
    private final Action action;
    private Before before = () -> {};

    private interface Before {
      void run() throws Exception;
    }

    Counting(String path, Role role, boolean fresh) {
      action =
          new Action(
              path,
              "/forms",
              role,
              fresh,
              "Counts.",
              List.of(
                  path.equals("/operate")
                      ? Action.Field.file("to", "where to", 8)
                      : Action.Field.optional("to", "where to", 8),
                  Action.Field.optional("bad", "to refuse it", 8),
                  Action.Field.optional("broken", "to break it", 8),
                  Action.Field.optional("back", "to show the page again", 8)),
              this::act);
    }

    String path() {
      return action.path();
    }

    private Action.Done act(Request form) throws Exception {
      before.run();
      if (form.parameter("bad").isPresent()) {
        throw "unknown".equals(form.parameter("bad").get())
            ? BadRequestException.unknown(
                new Change("fax", "", "this may have happened", Change.Result.UNKNOWN))
            : new BadRequestException(400, "no");
      }
      if (form.parameter("broken").isPresent()) {
        throw new IllegalStateException("broken");
      }
      done.incrementAndGet();
      Change change = Change.done("thing", "a", form.parameter("to").orElse("b"));
      if (form.parameter("to").filter("none"::equals).isPresent()) {
        return Action.Done.of(Response.line(200, "a preview"), change).recording(List.of());
      }
      if (form.parameter("to").filter("nopage"::equals).isPresent()) {
        return Action.Done.of(
            () -> {
              throw new IllegalStateException("no page");
            },
            change);
      }
      return form.parameter("back").isPresent()
          ? Action.Done.back("It was done.", change)
          : Action.Done.of(Response.line(200, "done"), change);
    }
  }

  private HttpRequest.Builder own(String path) {
    return admin.request(path).header("Sec-Fetch-Site", "same-origin").header("Origin", "null");
  }

  private static HttpRequest.Builder with(HttpRequest.Builder request, String... fields) {
    Map<String, String> form = new LinkedHashMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      form.put(fields[i], fields[i + 1]);
    }
    return request
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(
            BodyPublishers.ofString(
                form.entrySet().stream()
                    .map(
                        field ->
                            field.getKey()
                                + "="
                                + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                    .collect(Collectors.joining("&"))));
  }

  private HttpResponse<String> signIn(String name, String password, String... headers)
      throws Exception {
    HttpRequest.Builder request = own("/sign-in");
    if (headers.length > 0) {
      request.headers(headers);
    }
    return admin.send(with(request, "name", name, "password", password, "next", "/forms"));
  }

  /** The cookie of a new session. */
  private String session(String name) throws Exception {
    return cookie(signIn(name, RIGHT));
  }

  private static String cookie(HttpResponse<String> response) {
    return response.headers().firstValue("set-cookie").orElseThrow().replaceAll(";.*", "");
  }

  private int read(String cookie) throws Exception {
    return admin.send(admin.request("/forms").header("Cookie", cookie)).statusCode();
  }

  private List<String> tokens(String cookie) throws Exception {
    return List.of(
        admin.send(admin.request("/forms").header("Cookie", cookie)).body().strip().split(" "));
  }

  private HttpResponse<String> post(Counting action, String cookie, String token) throws Exception {
    return admin.send(
        with(own(action.path()).header("Cookie", cookie), "form-token", token, "to", "c"));
  }

  private HttpResponse<String> act(Counting action, String cookie) throws Exception {
    return post(action, cookie, tokens(cookie).get(actions.indexOf(action)));
  }

  private List<AuditRecord> audit() throws IOException {
    List<AuditRecord> all = new ArrayList<>();
    admin.journal.drain(all::addAll);
    return all;
  }

  @Test
  void signsInWithTheFormAndReadsWithTheCookie() throws Exception {
    HttpResponse<String> response = signIn("ops", RIGHT);
    assertThat(response.statusCode()).isEqualTo(303);
    assertThat(response.headers().firstValue("location")).contains("/forms");
    assertThat(response.headers().firstValue("set-cookie").orElseThrow())
        .matches(COOKIE + "=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Strict");
    assertThat(read(cookie(response))).isEqualTo(200);
    assertThat(read(COOKIE + "=" + "A".repeat(43))).as("an unknown session").isEqualTo(401);
    assertThat(read(cookie(response) + "; " + cookie(response))).as("two cookies").isEqualTo(401);
    assertThat(audit()).extracting(AuditRecord::action).containsExactly("sign-in");
  }

  @Test
  void browsersGetTheFormAndProgramsTheChallenge() throws Exception {
    HttpResponse<String> browser =
        admin.send(
            admin
                .request("/forms?a=b%20c")
                .header("Sec-Fetch-Site", "none")
                .header("Sec-Fetch-Mode", "navigate")
                .header("Sec-Fetch-Dest", "document"));
    assertThat(browser.statusCode()).isEqualTo(303);
    assertThat(browser.headers().firstValue("location"))
        .contains("/sign-in?next=%2Fforms%3Fa%3Db%2520c");
    assertThat(admin.send(admin.request("/sign-in")).statusCode()).isEqualTo(200);
    HttpResponse<String> program =
        admin.send(admin.request("/forms").header("Accept", "text/html"));
    assertThat(program.statusCode()).isEqualTo(401);
    assertThat(program.headers().firstValue("www-authenticate")).isPresent();
  }

  @Test
  void refusesAWrongPasswordAndSlowsGuesses() throws Exception {
    List<String> problems = new ArrayList<>();
    for (int guess = 0; guess < 8; guess++) {
      HttpResponse<String> response = signIn("ops", "guess" + guess);
      assertThat(response.headers().firstValue("set-cookie")).isEmpty();
      problems.add(
          response.headers().firstValue("location").orElseThrow().replaceAll(".*problem=|&.*", ""));
    }
    assertThat(problems).startsWith("wrong", "wrong").contains("slowed");
    assertThat(audit())
        .as("counted by minute")
        .hasSizeLessThanOrEqualTo(2)
        .allMatch(each -> each.after().matches("[0-9]+ in this minute, .*"));
  }

  @Test
  void leadsNowhereElseAfterASignIn() {
    assertThat(Actions.own("/devices?q=a%20b")).isEqualTo("/devices?q=a%20b");
    for (String away :
        List.of("//evil.example", "/\\evil.example", "https://evil.example", "", "/a\r\nb")) {
      assertThat(Actions.own(away)).as(away).isEqualTo("/");
    }
  }

  @Test
  void eachRoleChangesOnlyThingsOfItsOwn() throws Exception {
    assertThat(act(operate, session("intern")).statusCode()).isEqualTo(403);
    assertThat(act(administer, session("intern")).statusCode()).isEqualTo(403);
    assertThat(act(replace, session("intern")).statusCode()).isEqualTo(403);
    assertThat(actions).allMatch(action -> action.done.get() == 0);

    assertThat(act(operate, session("ops")).statusCode()).isEqualTo(200);
    HttpResponse<String> refused = act(administer, session("ops"));
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).contains("the role administrator; ops has the role operator");
    assertThat(act(replace, session("ops")).statusCode()).isEqualTo(403);
    assertThat(administer.done.get() + replace.done.get()).isZero();

    for (Counting action : actions) {
      assertThat(act(action, session("boss")).statusCode()).isEqualTo(200);
    }
    assertThat(actions).extracting(action -> action.done.get()).containsExactly(2, 1, 1);
  }

  @Test
  void refusesUnknownRepeatedAndLongFields() throws Exception {
    String cookie = session("ops");
    for (String[] form :
        new String[][] {
          {"other", "x", "unknown field; this takes to, bad, broken, back -> /forms"},
          {"to", "123456789", "to: got 9 characters; 8 are allowed -> /forms"}
        }) {
      HttpResponse<String> response =
          admin.send(
              with(
                  own("/operate").header("Cookie", cookie),
                  "form-token",
                  tokens(cookie).get(0),
                  form[0],
                  form[1]));
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(response.body().strip()).isEqualTo(form[2]);
    }
    HttpResponse<String> twice =
        admin.send(
            own("/operate")
                .header("Cookie", cookie)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("to=a&to=b&form-token=" + tokens(cookie).get(0))));
    assertThat(twice.body()).contains("to: sent more than once");
    assertThat(operate.done.get()).isZero();
  }

  @Test
  void theNextPageShowsTheResultOnce() throws Exception {
    String cookie = session("ops");
    HttpResponse<String> done =
        admin.send(
            with(
                own("/operate").header("Cookie", cookie),
                "form-token",
                tokens(cookie).get(0),
                "back",
                "1"));
    assertThat(done.statusCode()).isEqualTo(303);
    assertThat(done.headers().firstValue("location")).contains("/forms");
    assertThat(notice("/other", cookie)).isEmpty();
    assertThat(notice("/forms", session("ops"))).as("another session").isEmpty();
    assertThat(notice("/forms", cookie)).isEqualTo("It was done.");
    assertThat(notice("/forms", cookie)).isEmpty();
  }

  private String notice(String page, String cookie) throws Exception {
    return admin.send(admin.request("/notice?of=" + page).header("Cookie", cookie)).body().strip();
  }

  @Test
  void readsAFormWithAFile() throws Exception {
    String cookie = session("ops");
    String body =
        """
        --x\r
        Content-Disposition: form-data; name="form-token"\r
        \r
        %s\r
        --x\r
        Content-Disposition: form-data; name="to"; filename="list.csv"\r
        Content-Type: text/csv\r
        \r
        gr\u00fcn,1\r
        --x--\r
        """
            .formatted(tokens(cookie).get(0));
    HttpResponse<String> done =
        admin.send(
            own("/operate")
                .header("Cookie", cookie)
                .header("Content-Type", "multipart/form-data; boundary=x")
                .POST(BodyPublishers.ofString(body)));
    assertThat(done.statusCode()).isEqualTo(200);
    assertThat(audit()).extracting(AuditRecord::after).contains("gr\u00fcn,1");
    HttpResponse<String> broken =
        admin.send(
            own("/operate")
                .header("Cookie", cookie)
                .header("Content-Type", "multipart/form-data; boundary=x")
                .POST(BodyPublishers.ofString(body.substring(0, 60))));
    assertThat(broken.statusCode()).as("cut off").isEqualTo(400);
    assertThat(operate.done.get()).isOne();
  }

  @Test
  void recordsWhoDidWhatFromWhereAndWhoWasRefused() throws Exception {
    assertThat(act(operate, session("ops")).statusCode()).isEqualTo(200);
    assertThat(act(administer, session("ops")).statusCode()).isEqualTo(403);
    List<AuditRecord> records =
        audit().stream().filter(each -> !each.action().equals("sign-in")).toList();
    assertThat(records).hasSize(2);
    assertThat(records.get(0))
        .extracting(
            AuditRecord::who,
            AuditRecord::role,
            AuditRecord::from,
            each -> each.via().label(),
            AuditRecord::action,
            AuditRecord::object,
            AuditRecord::before,
            AuditRecord::after,
            each -> each.result().label())
        .containsExactly(
            "ops", "operator", "127.0.0.1", "pages", "operate", "thing", "a", "c", "done");
    assertThat(records.get(1).result()).isEqualTo(Change.Result.REFUSED);
  }

  @Test
  void recordsAChangeThatMayHaveHappenedAsUnknown() throws Exception {
    HttpResponse<String> answer =
        admin.send(
            with(
                admin
                    .request("/api/operate")
                    .header("Authorization", "Bearer " + TOKEN + Role.OPERATOR),
                "bad",
                "unknown"));
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).contains("this may have happened");
    assertThat(audit())
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.result()).isEqualTo(Change.Result.UNKNOWN);
              assertThat(each.object()).isEqualTo("fax");
              assertThat(AuditRecord.of(each.texts())).isEqualTo(each);
            });
  }

  @Test
  void recordsNothingForAPreviewAndAnswersProgramsWithIt() throws Exception {
    HttpResponse<String> preview =
        admin.send(
            with(
                admin
                    .request("/api/operate")
                    .header("Authorization", "Bearer " + TOKEN + Role.OPERATOR),
                "to",
                "none"));
    assertThat(preview.body()).contains("\"after\":\"none\"");
    assertThat(audit()).isEmpty();
  }

  @Test
  void recordsWhatWasRefusedOrFailed() throws Exception {
    String cookie = session("ops");
    for (String field : List.of("bad", "broken")) {
      admin.send(
          with(
              own("/operate").header("Cookie", cookie),
              "form-token",
              tokens(cookie).get(0),
              field,
              "x"));
    }
    assertThat(audit())
        .extracting(each -> each.result().label())
        .containsExactly("done", "refused", "failed");
  }

  @Test
  void recordsAChangeAsDoneAlthoughItsPageFails() throws Exception {
    String cookie = session("ops");
    HttpResponse<String> response =
        admin.send(
            with(
                own("/operate").header("Cookie", cookie),
                "form-token",
                tokens(cookie).get(0),
                "to",
                "nopage"));
    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(audit())
        .extracting(each -> each.action() + " " + each.result().label())
        .containsExactly("sign-in done", "operate done");
  }

  @Test
  void changesNothingIfTheAuditLogCannotBeWritten() throws Exception {
    String cookie = session("ops");
    String token = tokens(cookie).get(0);
    admin.breakJournal();
    HttpResponse<String> response = post(operate, cookie, token);
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body())
        .isEqualTo("nothing was changed, because the audit log cannot be written -> /forms\n");
    assertThat(operate.done.get()).isZero();
  }

  @Test
  void reportsAnUnrecordedChangeToThePersonAndTheProbes() throws Exception {
    String cookie = session("ops");
    String token = tokens(cookie).get(0);
    assertThat(admin.get("/healthz").body()).isEqualTo("ok\n");
    operate.before = admin::breakJournal;
    HttpResponse<String> response = post(operate, cookie, token);
    assertThat(operate.done.get()).isEqualTo(1);
    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body())
        .startsWith("the change was made, but the audit log does not have it")
        .endsWith(" -> /forms\n");
    for (String probe : List.of("/healthz", "/readyz")) {
      assertThat(admin.get(probe).body()).endsWith("; 1 actions are missing in the audit log\n");
    }
    assertThat(admin.get("/healthz").statusCode()).as("a restart would not help").isEqualTo(200);
    assertThat(admin.journal.missing()).isEqualTo(1);
  }

  @Test
  void reportsAnUnrecordedChangeToAProgram() throws Exception {
    operate.before = admin::breakJournal;
    HttpResponse<String> response =
        admin.send(
            with(
                admin
                    .request("/api/operate")
                    .header("Authorization", "Bearer " + TOKEN + Role.OPERATOR)));
    assertThat(operate.done.get()).isEqualTo(1);
    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body()).contains("the change was made, but the audit log does not have it");
  }

  @Test
  void refusedActionStaysRefusedIfItIsNotRecorded() throws Exception {
    String cookie = session("ops");
    operate.before = admin::breakJournal;
    HttpResponse<String> response =
        admin.send(
            with(
                own("/operate").header("Cookie", cookie),
                "form-token",
                tokens(cookie).get(0),
                "bad",
                "x"));
    assertThat(response.statusCode()).isEqualTo(400);
  }

  @Test
  void refusesFormsOfOtherSites() throws Exception {
    String cookie = session("ops");
    String host = "127.0.0.1:" + admin.server.address().getPort();
    List<String[]> forged =
        List.of(
            new String[] {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
            new String[] {"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:1"},
            new String[] {
              "Sec-Fetch-Site",
              "cross-site",
              "Sec-Fetch-Mode",
              "navigate",
              "Sec-Fetch-Dest",
              "document",
              "Origin",
              "null"
            },
            new String[] {"Sec-Fetch-Site", "none"},
            new String[] {"Sec-Fetch-Site", "same-origin", "Origin", "https://evil.example"},
            new String[] {"Origin", "https://evil.example"},
            new String[] {"Origin", "null"},
            new String[] {"Origin", "http://127.0.0.1:1"},
            new String[] {"X-Any", "neither of the two headers"});
    for (String[] headers : forged) {
      HttpResponse<String> response =
          admin.send(
              with(
                  admin.request("/operate").headers(headers).header("Cookie", cookie),
                  "form-token",
                  tokens(cookie).get(0)));
      assertThat(response.statusCode()).as(String.join(" ", headers)).isEqualTo(403);
    }
    assertThat(operate.done.get()).isZero();
    HttpResponse<String> older =
        admin.send(
            with(
                admin
                    .request("/operate")
                    .header("Origin", "http://" + host)
                    .header("Cookie", cookie),
                "form-token",
                tokens(cookie).get(0)));
    assertThat(older.statusCode()).as("an older browser").isEqualTo(200);
  }

  @Test
  void refusesASignInThatAnotherSiteSends() throws Exception {
    HttpResponse<String> response =
        admin.send(
            with(
                admin
                    .request("/sign-in")
                    .header("Sec-Fetch-Site", "cross-site")
                    .header("Sec-Fetch-Mode", "navigate")
                    .header("Sec-Fetch-Dest", "document"),
                "name",
                "ops",
                "password",
                RIGHT));
    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(response.headers().firstValue("set-cookie")).isEmpty();
  }

  @Test
  void acceptsATokenOfAFormOnceAndOnlyFromItsSessionAndForItsAction() throws Exception {
    String cookie = session("boss");
    assertThat(post(operate, cookie, "").statusCode()).as("missing").isEqualTo(403);
    assertThat(post(operate, cookie, "A".repeat(43)).statusCode()).as("invented").isEqualTo(403);
    String token = tokens(cookie).get(0);
    assertThat(post(administer, cookie, token).statusCode()).as("other action").isEqualTo(403);
    assertThat(post(operate, session("ops"), token).statusCode()).as("other user").isEqualTo(403);
    assertThat(post(operate, session("boss"), token).statusCode())
        .as("another session of the user")
        .isEqualTo(403);
    assertThat(operate.done.get() + administer.done.get()).isZero();
    assertThat(post(operate, cookie, token).statusCode()).isEqualTo(200);
    HttpResponse<String> replayed = post(operate, cookie, token);
    assertThat(replayed.statusCode()).as("replayed").isEqualTo(403);
    assertThat(replayed.body()).contains("sent already");
    assertThat(operate.done.get()).isEqualTo(1);
  }

  @Test
  void aPasswordWithTheRequestChangesNothing() throws Exception {
    String basic =
        "Basic "
            + Base64.getEncoder()
                .encodeToString(("boss:" + RIGHT).getBytes(StandardCharsets.UTF_8));
    for (String path : List.of("/operate", "/api/operate")) {
      HttpResponse<String> response =
          admin.send(with(own(path).header("Authorization", basic), "form-token", "x"));
      assertThat(response.statusCode()).as(path).isEqualTo(403);
    }
    assertThat(operate.done.get()).isZero();
  }

  @Test
  void programsUseTheApiWithATokenOfTheirRole() throws Exception {
    assertThat(api(operate, Role.VIEWER).statusCode()).isEqualTo(403);
    assertThat(api(administer, Role.OPERATOR).statusCode()).isEqualTo(403);
    HttpResponse<String> done = api(operate, Role.OPERATOR);
    assertThat(done.statusCode()).isEqualTo(200);
    assertThat(done.body())
        .isEqualTo(
            "{\"action\":\"operate\",\"object\":\"thing\",\"before\":\"a\",\"after\":\"b\","
                + "\"result\":\"done\"}\n");
    assertThat(api(administer, Role.ADMINISTRATOR).statusCode()).isEqualTo(200);
    assertThat(api(replace, Role.ADMINISTRATOR).statusCode()).as("needs a person").isEqualTo(403);
    assertThat(replace.done.get()).isZero();
    assertThat(
            admin
                .send(
                    with(
                        own("/operate").header("Authorization", "Bearer " + TOKEN + Role.OPERATOR)))
                .statusCode())
        .as("the path for people")
        .isEqualTo(403);
    assertThat(audit()).extracting(AuditRecord::who).startsWith("program-viewer");
  }

  private HttpResponse<String> api(Counting action, Role role) throws Exception {
    return admin.send(
        with(
            admin
                .request("/api" + action.path())
                .header("Authorization", "Bearer " + TOKEN + role)));
  }

  @Test
  void endsASessionAfterHalfAnHourWithoutARequest() throws Exception {
    String cookie = session("ops");
    nanos.addAndGet(AdminSessions.IDLE.minusSeconds(1).toNanos());
    assertThat(read(cookie)).isEqualTo(200);
    nanos.addAndGet(AdminSessions.IDLE.minusSeconds(1).toNanos());
    assertThat(read(cookie)).isEqualTo(200);
    nanos.addAndGet(AdminSessions.IDLE.toNanos());
    assertThat(read(cookie)).isEqualTo(401);
  }

  @Test
  void endsASessionAfterEightHours() throws Exception {
    String cookie = session("ops");
    Duration step = Duration.ofMinutes(20);
    for (Duration age = step; age.compareTo(AdminSessions.LIFE) < 0; age = age.plus(step)) {
      nanos.addAndGet(step.toNanos());
      assertThat(read(cookie)).as(age.toString()).isEqualTo(200);
    }
    nanos.addAndGet(step.toNanos());
    assertThat(read(cookie)).isEqualTo(401);
  }

  @Test
  void asksForThePasswordAgainBeforeSomeActions() throws Exception {
    String cookie = session("boss");
    nanos.addAndGet(AdminSessions.FRESH.minusSeconds(1).toNanos());
    assertThat(act(replace, cookie).statusCode()).isEqualTo(200);
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    HttpResponse<String> again = act(replace, cookie);
    assertThat(again.statusCode()).isEqualTo(303);
    assertThat(again.headers().firstValue("location"))
        .contains("/sign-in?problem=again&next=%2Fforms");
    assertThat(replace.done.get()).isEqualTo(1);
    assertThat(act(administer, cookie).statusCode()).as("others do not need it").isEqualTo(200);
  }

  @Test
  void aSignInNeverUsesTheSessionIdOfTheRequest() throws Exception {
    String planted = COOKIE + "=" + "B".repeat(43);
    String first = cookie(signIn("ops", RIGHT, "Cookie", planted));
    assertThat(first).isNotEqualTo(planted);
    assertThat(read(planted)).isEqualTo(401);
    String second = cookie(signIn("ops", RIGHT, "Cookie", first));
    assertThat(second).isNotEqualTo(first);
    assertThat(read(first)).as("the session before the sign-in").isEqualTo(401);
    assertThat(read(second)).isEqualTo(200);
  }

  @Test
  void signsOutWithItsForm() throws Exception {
    String cookie = session("ops");
    assertThat(
            admin
                .send(with(own("/sign-out").header("Cookie", cookie), "form-token", "x"))
                .statusCode())
        .isEqualTo(403);
    assertThat(read(cookie)).isEqualTo(200);
    String token = admin.send(admin.request("/out").header("Cookie", cookie)).body().strip();
    HttpResponse<String> out =
        admin.send(with(own("/sign-out").header("Cookie", cookie), "form-token", token));
    assertThat(out.headers().firstValue("set-cookie").orElseThrow()).contains("Max-Age=0");
    assertThat(read(cookie)).isEqualTo(401);
  }

  @Test
  void boundsTheSessionsOfAUser() throws Exception {
    List<String> cookies = new ArrayList<>();
    for (int i = 0; i <= AdminSessions.MAX_PER_USER; i++) {
      cookies.add(session("ops"));
    }
    assertThat(read(cookies.get(0))).as("the oldest").isEqualTo(401);
    assertThat(read(cookies.get(1))).isEqualTo(200);
    assertThat(read(session("boss"))).isEqualTo(200);
  }

  @Test
  void boundsTheFormsOfAUserInAMinute() throws Exception {
    String cookie = session("ops");
    int status = 200;
    int sent = 0;
    for (; status == 200 && sent <= ActionRates.MAX; sent++) {
      status = act(operate, cookie).statusCode();
    }
    assertThat(status).isEqualTo(429);
    assertThat(operate.done.get()).isLessThanOrEqualTo(ActionRates.MAX);
    nanos.addAndGet(ActionRates.PERIOD.plusSeconds(1).toNanos());
    assertThat(act(operate, cookie).statusCode()).isEqualTo(200);
  }

  @Test
  void aReloadKeepsSessionsAndTakesRolesAndPasswordsFromTheNewConfiguration() throws Exception {
    String intern = session("intern");
    String ops = session("ops");
    admin.server.replace(admin.spec(access(HASH, Role.OPERATOR), pages, actions()));
    assertThat(act(operate, intern).statusCode()).as("promoted").isEqualTo(200);
    admin.server.replace(admin.spec(access(OTHER_HASH, Role.OPERATOR), pages, actions()));
    assertThat(read(intern)).as("another password").isEqualTo(401);
    assertThat(read(ops)).isEqualTo(200);
    admin.server.replace(
        admin.spec(
            new AdminAccess(
                Set.of(),
                List.of(new AdminAccess.User("boss", HASH, Role.ADMINISTRATOR)),
                List.of(),
                false),
            pages,
            actions()));
    assertThat(read(ops)).as("removed").isEqualTo(401);
  }

  @Test
  void withoutUsersNothingCanBeChanged() throws Exception {
    try (RunningAdmin open =
        new RunningAdmin(
            AdminLimits.DEFAULT,
            pages,
            new AdminAccess(Set.of(), List.of(), List.of(), false),
            actions(),
            nanos::get)) {
      HttpResponse<String> response =
          open.send(
              with(
                  open.request("/operate").header("Sec-Fetch-Site", "same-origin"),
                  "form-token",
                  "x"));
      assertThat(response.statusCode()).isEqualTo(403);
      assertThat(response.body()).contains("add one to admin.users with a role");
      assertThat(operate.done.get()).isZero();
    }
  }

  @Test
  void namesWhatThePortLacks() {
    AdminAccess none = new AdminAccess(Set.of(), List.of(), List.of(), false);
    assertThat(none.missingForActions(false, false)).contains("set admin.tls");
    assertThat(none.missingForActions(true, false)).contains("admin.users");
    AdminAccess users =
        new AdminAccess(
            Set.of(), List.of(new AdminAccess.User("a", HASH, Role.VIEWER)), List.of(), false);
    assertThat(users.missingForActions(false, true)).isEmpty();
    assertThat(users.missingForActions(true, false)).isEmpty();
    assertThat(users.missingForActions(false, false)).contains("set admin.tls");
  }

  @Test
  void boundsTheBodyOfAForm() throws Exception {
    HttpResponse<String> response =
        admin.send(with(own("/sign-in"), "name", "a".repeat(AdminLimits.MAX_FORM)));
    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(admin.send(with(own("/forms"), "a", "b")).statusCode())
        .as("no action")
        .isEqualTo(413);
    assertThat(admin.send(own("/forms").POST(BodyPublishers.noBody())).statusCode()).isEqualTo(401);
  }

  /** Each byte of the file begins a delimiter, and almost ends it. */
  private static String nearMatches(String boundary, int bytes) {
    return ("--"
            + boundary
            + "\r\nContent-Disposition: form-data; name=\"to\"; filename=\"a\"\r\n\r\n")
        + "-".repeat(bytes)
        + "\r\n--"
        + boundary
        + "--\r\n";
  }

  @Test
  void respondsToHealthChecksWhileStrangersSendTheSlowestForms() throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    String boundary = "-".repeat(2999) + "x";
    HttpRequest slowest =
        own("/sign-in")
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(BodyPublishers.ofString(nearMatches(boundary, AdminLimits.MAX_FORM - 10_000)))
            .build();
    List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      sent.add(http.sendAsync(slowest, HttpResponse.BodyHandlers.ofString()));
    }
    assertThat(admin.get("/healthz").statusCode()).isEqualTo(200);
    for (CompletableFuture<HttpResponse<String>> each : sent) {
      assertThat(each.get().statusCode()).isEqualTo(415);
    }
  }

  @Test
  void readsFilesOnlyInImports() throws Exception {
    String cookie = session("boss");
    for (String path : List.of("/sign-in", "/sign-out", "/administer")) {
      HttpResponse<String> response =
          admin.send(
              own(path)
                  .header("Cookie", cookie)
                  .header("Content-Type", "multipart/form-data; boundary=x")
                  .POST(BodyPublishers.ofString(nearMatches("x", 10))));
      assertThat(response.statusCode()).as(path).isEqualTo(415);
    }
    assertThat(
            admin
                .send(
                    own("/operate")
                        .header("Content-Type", "multipart/form-data; boundary=x")
                        .POST(BodyPublishers.ofString(nearMatches("x", 10))))
                .statusCode())
        .as("without a sign-in")
        .isEqualTo(401);
  }

  @Test
  void countsAFormBeforeItReadsTheFields() throws Exception {
    for (int i = 0; i < ActionRates.MAX; i++) {
      assertThat(admin.send(with(admin.request("/sign-in"))).statusCode()).isEqualTo(403);
    }
    HttpRequest.Builder malformed = own("/sign-in").POST(BodyPublishers.ofString("name=%"));
    assertThat(admin.send(malformed).statusCode()).isEqualTo(429);
    nanos.addAndGet(ActionRates.PERIOD.plusSeconds(1).toNanos());
    assertThat(admin.send(malformed).statusCode()).isEqualTo(400);
  }

  @Test
  void withTlsBrowsersKeepTheCookieFromOtherHostsAndFromPlainHttp() {
    assertThat(Cookies.set("id", true))
        .isEqualTo("__Host-tlsuplift-session=id; Path=/; HttpOnly; SameSite=Strict; Secure");
  }
}
