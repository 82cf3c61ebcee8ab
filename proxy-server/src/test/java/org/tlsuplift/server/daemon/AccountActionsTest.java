package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import java.util.ArrayList;
import java.util.Base64;
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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.XoauthOrigin;
import org.tlsuplift.server.authority.CaExport;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.signin.PasswordHash;

/** People and programs change the device accounts of a running daemon. */
@Timeout(300)
class AccountActionsTest {
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final String RIGHT = "correct horse";
  private static final String HASH = PasswordHash.of(RIGHT.toCharArray()).encoded();
  private static final String STALE = "somebody changed the account 'one' since you opened";

  /** The change of each account, with fields that would be accepted. */
  private static final Map<String, String> ACTIONS =
      Map.of(
          "add", "login=fax&mailbox=fax@corp.example",
          "change", "account=one&mailbox=other@corp.example",
          "password", "account=one&password=another",
          "remove", "account=one",
          "import", "csv=login,mailbox%0Afax,fax@corp.example&apply=yes");

  @TempDir Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private final XoauthOrigin origin =
      new XoauthOrigin(MailProtocol.SMTP, OriginTls.IMPLICIT, ORIGINS.serving("localhost"));
  private Components components;
  private Reloader reloader;
  private Path accounts;
  private String yaml = "";

  @BeforeEach
  void start() throws Exception {
    origin.mechanisms = List.of("PLAIN");
    origin.passwords.put("relay", "secret of the origin");
    accounts =
        privately(
            "accounts.yaml",
            """
            accounts:
              # The scanner in the hall.
              - login: one
                passwordHash: '%s'
                mailbox: one@corp.example
                upstream: {origin: '%s', user: relay, passwordFile: '%s'}
            """
                .formatted(
                    HASH,
                    origin.as("localhost"),
                    privately("upstream.password", "secret of the origin\n")));
    Files.writeString(
        directory.resolve("roots.pem"),
        new String(
            CaExport.encode(ORIGINS.certificate(), CaExport.Format.PEM),
            StandardCharsets.US_ASCII));
    yaml =
        """
        dataDirectory: '%1$s/data'
        certificateAuthority: {keyAlgorithm: EC-P256, nameConstraints: false}
        upstream: {trust: '%1$s/roots.pem'}
        devices: {reverseDns: false}
        limits: {drainTimeout: 0s}
        inventory: {flushInterval: 1s}
        routes: [{to: ["localhost:*"], action: bridge}]
        listeners:
          - {name: mail, bind: '127.0.0.1:0', accept: fixed, origin: '%2$s', protocol: smtp, downstreamTls: implicit, upstreamTls: implicit, serverNames: [device.example], profile: legacy, signIn: true}
          - {name: starttls, bind: '127.0.0.1:0', accept: fixed, origin: '%2$s', protocol: smtp, downstreamTls: starttls, upstreamTls: implicit, serverNames: [device.example], profile: legacy, signIn: true}
        signIn: {tenant: corp.example, applicationId: 11111111-2222-3333-4444-555555555555, flow: device-code, origins: [localhost], accountsFile: '%3$s'}
        admin:
          bind: "127.0.0.1:0"
          users:
            - {name: boss, role: administrator, passwordHash: '%4$s'}
            - {name: ops, role: operator, passwordHash: '%4$s'}
            - {name: intern, passwordHash: '%4$s'}
          tokens:
            - {name: deploy, role: operator, sha256: '%5$s'}
            - {name: prometheus, sha256: '%6$s'}
        """
            .formatted(
                directory,
                origin.as("localhost"),
                accounts,
                HASH,
                digest("deploy"),
                digest("prometheus"));
    startDaemon();
  }

  private void startDaemon() throws Exception {
    components = Components.start(ConfigLoader.parse(yaml, "test"), line -> {});
    reloader = new Reloader(components, () -> ConfigLoader.parse(yaml, "test"));
  }

  @AfterEach
  void stop() throws Exception {
    components.close();
    origin.close();
  }

  private Path privately(String name, String text) throws Exception {
    Path file =
        Files.createFile(
            directory.resolve(name),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, text);
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

  private HttpResponse<String> post(String path, String cookie, String body) throws Exception {
    return send(
        request(path).header("Cookie", cookie).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private HttpResponse<String> program(String token, String action, String body) throws Exception {
    return send(
        request("/api/accounts/" + action)
            .header("Authorization", "Bearer " + token)
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private String session(String user) throws Exception {
    return post("/sign-in", "a=b", "name=" + user + "&password=correct+horse&next=/accounts")
        .headers()
        .firstValue("set-cookie")
        .orElseThrow()
        .replaceAll(";.*", "");
  }

  private String page(String path, String cookie) throws Exception {
    return send(request(path).header("Cookie", cookie)).body();
  }

  /** A form as a browser has it: all its fields and their values. */
  private record Form(String path, Map<String, String> fields) {
    static Form in(String page, String action, String button) {
      Matcher form =
          Pattern.compile(
                  "(?s)<form method=\"post\" action=\"(/accounts/%s)\"((?:(?!</form>).)*%s)"
                      .formatted(action, button))
              .matcher(page);
      assertThat(form.find()).as("%s in %s", action, page).isTrue();
      Map<String, String> fields = new LinkedHashMap<>();
      Matcher input = Pattern.compile("<input [^>]*name=\"([^\"]+)\"[^>]*>").matcher(form.group(2));
      while (input.find()) {
        Matcher value = Pattern.compile(" value=\"([^\"]*)\"").matcher(input.group());
        fields.put(input.group(1), value.find() ? value.group(1) : "");
      }
      return new Form(form.group(1), fields);
    }

    Form with(String field, String value) {
      fields.put(field, value);
      return this;
    }

    String body() {
      return fields.entrySet().stream()
          .map(
              each ->
                  each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
          .collect(Collectors.joining("&"));
    }
  }

  private HttpResponse<String> send(Form form, String cookie) throws Exception {
    return post(form.path(), cookie, form.body());
  }

  /** The form of the page of account 'one' that has this button. */
  private Form form(String cookie, String action, String button) throws Exception {
    return Form.in(page("/accounts/account/one", cookie), action, button);
  }

  private static void assertBackAt(HttpResponse<String> response, String page) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(303);
    assertThat(response.headers().firstValue("location")).contains(page);
  }

  private MailTalk device() throws Exception {
    MailTalk device =
        MailTalk.tls(
            components.listeners().get(0).address(),
            "device.example",
            TestAuthority.trusting(components.ca().anchor()),
            "TLSv1.2");
    device.hear();
    device.askUntil("EHLO printer", "250 ");
    return device.timeout((int) TIMEOUT.toMillis());
  }

  private String signIn(MailTalk device, String login, String password) throws Exception {
    return device.ask(
        "AUTH PLAIN "
            + Base64.getEncoder()
                .encodeToString(("\0" + login + "\0" + password).getBytes(StandardCharsets.UTF_8)));
  }

  private MailTalk signedIn(String password) throws Exception {
    await()
        .atMost(TIMEOUT)
        .until(
            () -> {
              try (MailTalk device = device()) {
                return signIn(device, "one", password).startsWith("235 ");
              }
            });
    MailTalk device = device();
    assertThat(signIn(device, "one", password)).startsWith("235 ");
    assertThat(device.ask("NOOP")).isEqualTo("heard NOOP");
    return device;
  }

  @Test
  void anOperatorAddsAnAccountWhosePasswordIsShownOnce() throws Exception {
    String ops = session("ops");
    Form add =
        Form.in(page("/accounts", ops), "add", "Add the account")
            .with("login", "Fax")
            .with("mailbox", "fax@corp.example")
            .with("networks", "10.1.2.0/24, 127.0.0.0/8")
            .with("allowed-senders", "fax@corp.example");
    HttpResponse<String> added = send(add, ops);

    assertThat(added.statusCode()).as(added.body()).isEqualTo(200);
    Matcher password =
        Pattern.compile("<code class=\"copy password\">([a-z2-9]{16})</code>")
            .matcher(added.body());
    assertThat(password.find()).as(added.body()).isTrue();
    assertThat(added.body())
        .contains("Outgoing mail server (SMTP)", "device.example", "SSL/TLS, leads to localhost:")
        .contains("Use one of these 2 servers, and everything below them.")
        .containsPattern(
            "SHA-256 fingerprint: <code class=\"text\">([0-9A-F]{2}:){31}[0-9A-F]{2}</code>");
    assertThat(added.headers().firstValue("cache-control")).contains("no-store");
    assertThat(send(add, ops).statusCode()).as("the form is used").isEqualTo(403);
    assertThat(Files.readString(accounts))
        .contains(
            "# The scanner in the hall.", "login: 'fax'", "devices: ['10.1.2.0/24', '127.0.0.0/8']")
        .doesNotContain(password.group(1));
    assertThat(page("/accounts", ops))
        .contains("/accounts/account/fax", "waiting for its first sign-in")
        .doesNotContain(password.group(1));
    assertThat(page("/accounts?search=FAX", ops))
        .contains("1 to 1 of 1 account", "/accounts/account/fax")
        .doesNotContain("/accounts/account/one");

    String boss = session("boss");
    await().atMost(TIMEOUT).until(() -> page("/audit", boss).contains("accounts.add"));
    assertThat(page("/audit.csv?action=accounts.add", boss))
        .contains(
            ",ops,operator,127.0.0.1,pages,accounts.add,fax,,"
                + "\"mailbox fax@corp.example, networks 10.1.2.0/24 127.0.0.0/8,"
                + " allowed-senders fax@corp.example, disabled false (new password)\",done")
        .doesNotContain(password.group(1));
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> {
              try (MailTalk device = device()) {
                signIn(device, "fax", password.group(1));
              }
              assertThat(page("/metrics", boss).lines())
                  .as("the password is right, and a user must sign in for the mailbox")
                  .anyMatch(
                      line ->
                          line.startsWith("tlsuplift_sign_ins_total{")
                              && line.contains("outcome=\"token_refused\"")
                              && !line.endsWith(" 0.0"));
            });
  }

  @Test
  void eachChangeEndsTheSessionsThatItNoLongerAdmits() throws Exception {
    String ops = session("ops");
    try (MailTalk open = signedIn(RIGHT)) {
      assertThat(page("/accounts", ops))
          .contains("signed in just now from 127.0.0.1", "any address");
      assertBackAt(send(form(ops, "change", "Disable the account"), ops), "/accounts/account/one");
      assertThat(open.atEnd()).as("disabled").isTrue();
    }
    assertThat(page("/accounts/account/one", ops))
        .contains("Disabled. Its sessions end within seconds.", "disabled</span>");
    try (MailTalk again = device()) {
      assertThat(signIn(again, "one", RIGHT)).startsWith("535 ");
    }
    assertBackAt(send(form(ops, "change", "Enable the account"), ops), "/accounts/account/one");
    try (MailTalk open = signedIn(RIGHT)) {
      assertBackAt(
          send(form(ops, "change", "Save").with("networks", "10.1.2.0/24"), ops),
          "/accounts/account/one");
      assertThat(open.atEnd()).as("its network was removed").isTrue();
    }
    assertBackAt(
        send(form(ops, "change", "Save").with("networks", "127.0.0.0/8"), ops),
        "/accounts/account/one");
    try (MailTalk open = signedIn(RIGHT)) {
      HttpResponse<String> changed = send(form(ops, "password", "Make a new password"), ops);
      assertThat(changed.body()).contains("has another password");
      assertThat(open.atEnd()).as("another password").isTrue();
    }
    assertThat(program("deploy", "password", "account=one&password=once-again").statusCode())
        .isEqualTo(200);
    try (MailTalk open = signedIn("once-again")) {
      assertBackAt(send(form(ops, "remove", "Delete the account"), ops), "/accounts");
      assertThat(open.atEnd()).as("deleted").isTrue();
    }
    assertThat(page("/accounts", ops))
        .contains("The account one was deleted.", "There is no account yet.")
        .contains("<a href=\"/connect\">Is the tenant connected?</a>");
  }

  @Test
  void theLatestSignInIsKeptOverARestart() throws Exception {
    String ops = session("ops");
    signedIn(RIGHT).close();
    await()
        .atMost(TIMEOUT)
        .until(() -> !components.config().inventory().enabled() || stored().containsKey("one"));
    components.close();
    startDaemon();
    String later = session("ops");
    assertThat(later).isNotEqualTo(ops);
    await().atMost(TIMEOUT).until(() -> page("/accounts", later).contains("from 127.0.0.1"));
  }

  private Map<String, String> stored() throws Exception {
    Map<String, String> found = new LinkedHashMap<>();
    try (java.sql.Connection connection =
            java.sql.DriverManager.getConnection(
                "jdbc:sqlite:" + directory.resolve("data/inventory.db"));
        java.sql.ResultSet rows =
            connection.createStatement().executeQuery("SELECT * FROM account_sign_in")) {
      while (rows.next()) {
        found.put(rows.getString("account"), rows.getString("address"));
      }
    }
    return found;
  }

  @Test
  void twoPeopleDoNotChangeOneAccountAtTheSameTime() throws Exception {
    String ops = session("ops");
    String boss = session("boss");
    List<Form> opened = new ArrayList<>();
    opened.add(form(ops, "change", "Save").with("mailbox", "ops@corp.example"));
    opened.add(form(ops, "change", "Disable the account"));
    opened.add(form(ops, "password", "Make a new password"));
    opened.add(form(ops, "remove", "Delete the account"));
    assertBackAt(
        send(form(boss, "change", "Save").with("mailbox", "boss@corp.example"), boss),
        "/accounts/account/one");
    String changed = Files.readString(accounts);
    for (Form form : opened) {
      HttpResponse<String> refused = send(form, ops);
      assertThat(refused.statusCode()).as(form.path()).isEqualTo(409);
      assertThat(refused.body()).containsIgnoringCase(STALE);
    }
    assertThat(Files.readString(accounts)).isEqualTo(changed).contains("boss@corp.example");

    Form gone = form(ops, "change", "Save");
    assertThat(program("deploy", "remove", "account=one").statusCode()).isEqualTo(200);
    assertThat(send(gone, ops).statusCode()).isEqualTo(404);
  }

  @Test
  void aFormWorksAfterAReload() throws Exception {
    String ops = session("ops");
    Form opened = form(ops, "change", "Save").with("mailbox", "other@corp.example");
    yaml = yaml.replace("flushInterval: 1s", "flushInterval: 1s, notSeenAfter: 31d");
    assertThat(reloader.reload("test").problems()).isEmpty();
    assertBackAt(send(opened, ops), "/accounts/account/one");
    assertThat(Files.readString(accounts)).contains("other@corp.example");
    try (MailTalk open = signedIn(RIGHT)) {
      send(form(ops, "remove", "Delete the account"), ops);
      assertThat(open.atEnd()).isTrue();
    }
  }

  @Test
  void onlyAnOperatorWithAFormOfThePortChangesAnAccount() throws Exception {
    String before = Files.readString(accounts);
    String intern = session("intern");
    String ops = session("ops");
    for (Map.Entry<String, String> action : ACTIONS.entrySet()) {
      String path = "/accounts/" + action.getKey();
      assertThat(post(path, "a=b", action.getValue()).statusCode()).as(path).isEqualTo(401);
      assertThat(post(path, intern, action.getValue()).statusCode()).as(path).isEqualTo(403);
      assertThat(post(path, ops, action.getValue()).statusCode()).as("no token").isEqualTo(403);
      assertThat(post(path, ops, action.getValue() + "&form-token=forged").statusCode())
          .as(path)
          .isEqualTo(403);
      assertThat(program("prometheus", action.getKey(), action.getValue()).statusCode())
          .as(path)
          .isEqualTo(403);
      assertThat(program("wrong", action.getKey(), action.getValue()).statusCode())
          .as(path)
          .isEqualTo(401);
    }
    Form other = form(ops, "remove", "Delete the account");
    HttpResponse<String> crossSite =
        http.send(
            HttpRequest.newBuilder(
                    URI.create(
                        "http://127.0.0.1:" + components.adminAddress().getPort() + other.path()))
                .header("Sec-Fetch-Site", "cross-site")
                .header("Cookie", ops)
                .POST(HttpRequest.BodyPublishers.ofString(other.body()))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(crossSite.statusCode()).isEqualTo(403);
    assertThat(Files.readString(accounts)).isEqualTo(before);
    assertThat(page("/accounts", intern))
        .contains(
            "This needs the role operator; you have the role viewer.", "/accounts/account/one")
        .doesNotContain("Add the account</button>");
    assertThat(page("/accounts/account/one", intern))
        .contains("This needs the role operator; you have the role viewer.")
        .doesNotContain("<form method=\"post\"");
    assertThat(page("/accounts/table", intern)).doesNotContain("<form method=\"post\"");
  }

  @Test
  void eachActionIsDoneByAProgramWithTheRole() throws Exception {
    assertThat(program("deploy", "add", "login=fax&mailbox=fax@corp.example").body())
        .contains("password: missing; only the page makes one");
    assertThat(program("deploy", "password", "account=one&password=short").body())
        .contains("password: the password has 5 characters; 8 or more are required");
    assertThat(
            program("deploy", "add", "login=fax&mailbox=fax@corp.example&password=a-secret").body())
        .isEqualTo(
            "{\"action\":\"accounts.add\",\"object\":\"fax\",\"before\":\"\",\"after\":\"mailbox"
                + " fax@corp.example, disabled false (new password)\",\"result\":\"done\"}\n");
    assertThat(program("deploy", "change", "account=fax&disabled=true").body())
        .contains("\"before\":\"mailbox fax@corp.example, disabled false\"")
        .contains("\"after\":\"mailbox fax@corp.example, disabled true\"");
    assertThat(program("deploy", "change", "account=fax&disabled=maybe").body())
        .contains("disabled: got 'maybe'; expected true or false");
    assertThat(program("deploy", "change", "account=fax&version=old").statusCode()).isEqualTo(409);
    assertThat(program("deploy", "change", "account=fax&mailbox=no").body())
        .contains("mailbox: got 'no'; expected");
    assertThat(
            program("deploy", "add", "login=one&mailbox=a@corp.example&password=x-x-x-x-x").body())
        .contains("login: got 'one'; expected a unique login");
    assertThat(program("deploy", "add", "mailbox=a@corp.example").body())
        .contains("login: missing; give the device a login, or its network");
    assertThat(program("deploy", "remove", "account=fax").statusCode()).isEqualTo(200);
    assertThat(program("deploy", "remove", "account=fax").statusCode()).isEqualTo(404);
  }

  /** Nobody would ever know the password that the daemon made. */
  @Test
  void refusesAnImportByAProgramWithANewLoginWithoutPassword() throws Exception {
    String before = Files.readString(accounts);
    for (String table :
        List.of(
            "login,mailbox\none,one@corp.example\n\nfax,fax@corp.example\n",
            "login,mailbox,password\none,one@corp.example,\n\nfax,fax@corp.example,\n")) {
      String csv = "csv=" + URLEncoder.encode(table, StandardCharsets.UTF_8);
      for (String form : List.of(csv, csv + "&apply=yes")) {
        HttpResponse<String> refused = program("deploy", "import", form);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("line 4: password: missing; only the page makes one");
      }
    }
    assertThat(Files.readString(accounts)).isEqualTo(before);

    assertThat(
            program(
                    "deploy",
                    "import",
                    "csv=login,mailbox,networks,password%0Aone,one@corp.example,10.1.2.0/24,%0A"
                        + "fax,fax@corp.example,,a-secret%0A,hall@corp.example,10.3.0.0/16,&apply=yes")
                .body())
        .as("an account that exists keeps its password, and a network needs none")
        .contains("\"object\":\"3 accounts\"", "\"result\":\"done\"");
    assertThat(Files.readString(accounts)).contains("login: 'fax'", "devices: ['10.3.0.0/16']");
  }

  @Test
  void anImportThatChangesNothingBecauseOfItsLinesIsRefusedWithTheirReasons() throws Exception {
    String before = Files.readString(accounts);
    String same = "login,mailbox,password%0Aone,one@corp.example,%0Abad,no address,x-x-x-x-x%0A";
    HttpResponse<String> refused = program("deploy", "import", "apply=yes&csv=" + same);
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body())
        .contains("\"result\":\"refused\"", "line 3: mailbox: got 'no address'; expected");
    assertThat(Files.readString(accounts)).isEqualTo(before);

    String many = "login,mailbox,password%0A" + "bad,no address,x-x-x-x-x%0A".repeat(12);
    assertThat(program("deploy", "import", "csv=" + many).body())
        .as("a preview names the first ones, too")
        .contains("\"result\":\"done\"", "line 11: ", "; and 2 more")
        .doesNotContain("line 12: ");
    assertThat(
            program("deploy", "import", "apply=yes&csv=" + many + "fax,fax@corp.example,x-x-x-x-x")
                .body())
        .contains("\"object\":\"1 account\"", "; line 2: ", "\"result\":\"done\"");

    String boss = session("boss");
    String audit = "/audit.csv?action=accounts.import";
    await().atMost(TIMEOUT).until(() -> page(audit, boss).lines().count() > 3);
    assertThat(page(audit, boss).lines().skip(1))
        .satisfiesExactly(
            line -> assertThat(line).contains("line 2: ", "; and 2 more", ",refused,,2 of 2,"),
            line -> assertThat(line).contains(",fax,", ",done,,1 of 2,"),
            line -> assertThat(line).contains("; line 3: ", ",refused,"));
  }

  /** The only new password on a page. */
  private static String generated(String page) {
    Matcher password =
        Pattern.compile("<code class=\"copy password\">([a-z2-9]{16})<").matcher(page);
    assertThat(password.find()).isTrue();
    return password.group(1);
  }

  @Test
  void anImportShowsTheFateOfEachLineBeforeItIsApplied() throws Exception {
    String ops = session("ops");
    String table =
        """
        login;mailbox;networks;allowed-senders
        one;one@corp.example;10.1.2.0/24;
        fax;fax@corp.example;;@corp.example
        fax;again@corp.example;;
        bad;no address;;
        ;hall@corp.example;10.3.0.0/16;
        ;other@corp.example;10.3.4.0/24;
        """;
    String before = Files.readString(accounts);
    HttpResponse<String> preview =
        send(
            Form.in(page("/accounts/table", ops), "import", "Show the preview").with("csv", table),
            ops);
    assertThat(preview.statusCode()).isEqualTo(200);
    assertThat(preview.body().replaceAll("\\s+", " "))
        .contains("Preview: 2 added, 1 changed, 3 refused. Nothing has changed yet.")
        .contains("networks: '' becomes '10.1.2.0/24'")
        .contains("another line has the same login or networks")
        .contains("mailbox: got 'no address'; expected")
        .contains("address blocks that no other account without 'login' has");
    assertThat(Files.readString(accounts)).isEqualTo(before);

    Form apply = Form.in(preview.body(), "import", "Apply the changes").with("csv", table);
    Form late =
        Form.in(
                send(
                        Form.in(page("/accounts/table", ops), "import", "Show the preview")
                            .with("csv", table),
                        ops)
                    .body(),
                "import",
                "Apply the changes")
            .with("csv", table);
    HttpResponse<String> applied = send(apply, ops);
    assertThat(applied.body())
        .contains(
            "Imported: 2 added, 1 changed, 3 refused; line 4: another line has the same",
            "<code class=\"copy password\">");
    assertThat(Files.readString(accounts))
        .contains(
            "# The scanner in the hall.",
            "devices: ['10.1.2.0/24']",
            "login: 'fax'",
            "devices: ['10.3.0.0/16']")
        .doesNotContain("again@corp.example", "other@corp.example");
    HttpResponse<String> stale = send(late, ops);
    assertThat(stale.statusCode()).isEqualTo(409);
    assertThat(stale.body())
        .contains("another person has changed an account since the preview", "3 refused")
        .contains("3 unchanged");

    String boss = session("boss");
    String audit = "/audit.csv?action=accounts.import";
    await().atMost(TIMEOUT).until(() -> page(audit, boss).contains("since the preview"));
    List<String> records = page(audit, boss).lines().skip(1).toList();
    assertThat(records)
        .as("a record for each account and one for the refused lines, and none for a preview")
        .hasSize(5);
    assertThat(records.get(0)).contains(",refused,");
    assertThat(records.get(1)).contains("line 4: another line has the same", ",refused,,4 of 4,");
    assertThat(records.get(2)).contains(",10.3.0.0/16,,\"mailbox hall@corp.example,", ",3 of 4,");
    assertThat(records.get(3)).contains(",fax,,\"", "(new password)\",done,,2 of 4,");
    assertThat(records.get(4))
        .contains(",one,\"mailbox one@corp.example, disabled false, upstream localhost:")
        .contains(",\"mailbox one@corp.example, networks 10.1.2.0/24, disabled false, upstream ")
        .contains(",done,,1 of 4,");
    assertThat(String.join("", records)).doesNotContain(generated(applied.body()));

    String csv = page("/accounts.csv", ops);
    assertThat(csv)
        .startsWith("login,mailbox,networks,allowed-senders,tenant,disabled\r\n")
        .contains("fax,fax@corp.example,,'@corp.example,,false\r\n");
    assertThat(
            program("deploy", "import", "csv=" + URLEncoder.encode(csv, StandardCharsets.UTF_8))
                .body())
        .as("what was exported changes nothing")
        .contains(": 3 unchanged\"");
    assertThat(program("deploy", "import", "csv=login,colour%0Aa,red").body())
        .contains("these columns: login, mailbox, networks");
  }

  @Test
  void aFileWithErrorsIsNotChanged() throws Exception {
    String ops = session("ops");
    Form opened = form(ops, "change", "Save");
    Files.writeString(accounts, "accounts: [{login: one}]\n");
    assertThat(page("/accounts", ops)).contains("Correct the accounts file first:");
    assertThat(send(opened, ops).statusCode()).isEqualTo(400);
    assertThat(Files.readString(accounts)).isEqualTo("accounts: [{login: one}]\n");
  }

  @Test
  void withoutAFileThePageNamesTheKey() throws Exception {
    components.close();
    yaml =
        yaml.replaceFirst(
            "accountsFile: '[^']*'",
            "accounts: [{devices: [10.1.0.0/16], mailbox: a@corp.example}]");
    startDaemon();
    String ops = session("ops");
    assertThat(page("/accounts", ops))
        .contains("Set signIn.accountsFile to a file", "10.1.0.0/16")
        .doesNotContain("Add the account");
    assertThat(page("/accounts/account/10.1.0.0%2F16", ops))
        .contains("This account is in the configuration itself")
        .doesNotContain("<form method=\"post\"");
    assertThat(program("deploy", "add", "mailbox=b@corp.example&networks=10.2.0.0/16").statusCode())
        .isEqualTo(409);
  }
}
