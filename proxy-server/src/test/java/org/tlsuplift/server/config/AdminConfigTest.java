package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.testing.SchemaAgreement;

/** What the admin port has to have. */
class AdminConfigTest {
  private static final String HASH = "$2y$10$" + "a".repeat(53);
  private static final String DIGEST = "0123456789ABCDEF".repeat(4);

  private static AdminConfig read(String admin) throws Exception {
    SchemaAgreement.accepted(yaml(admin));
    return ConfigLoader.parse(yaml(admin), "test").config().admin();
  }

  private static List<String> problems(String admin) {
    InvalidConfigException invalid =
        catchThrowableOfType(
            InvalidConfigException.class, () -> ConfigLoader.parse(yaml(admin), "test"));
    SchemaAgreement.refused(yaml(admin), invalid.problems());
    return invalid.problems().stream().map(ConfigProblem::toString).toList();
  }

  private static String yaml(String admin) {
    return """
        listeners:
          - {name: web, bind: "0.0.0.0:3128", accept: http-connect, profile: modern}
        admin: %s
        """
        .formatted(admin);
  }

  @Test
  void acceptsALoopbackAddressWithoutTls() throws Exception {
    AdminConfig admin = read("{bind: '[::1]:9464'}");

    assertThat(admin.tls()).isNull();
    assertThat(admin.users()).isEmpty();
    assertThat(admin.tokens()).isEmpty();
    assertThat(admin.openIdConnect()).isNull();
    assertThat(read("{bind: 'localhost:9464'}").bind().isLoopback()).isTrue();
  }

  @Test
  void needsTlsAndASignInForOtherMachines() {
    for (String bind : List.of("0.0.0.0:9464", "[::]:9464", "10.1.2.3:9464", "uplift.example:1")) {
      assertThat(problems("{bind: '" + bind + "'}"))
          .as(bind)
          .anySatisfy(
              problem ->
                  assertThat(problem)
                      .startsWith("admin.tls: missing")
                      .contains("auto", "reachable from other machines", "or bind to 127.0.0.1"))
          .anySatisfy(
              problem ->
                  assertThat(problem)
                      .startsWith("admin.users: missing")
                      .contains("run 'tls-uplift admin hash'"));
    }
  }

  @Test
  void readsUsersAndTokens() throws Exception {
    AdminConfig admin =
        read(
            """
            {bind: '0.0.0.0:9464', tls: auto, serverNames: [Uplift.example],
             users: [{name: ops, passwordHash: %s}],
             tokens: [{name: prometheus, sha256: %s}], openMetrics: true}\
            """
                .formatted(HASH, DIGEST));
    assertThat(admin.users().get(0).role()).as("without a role").isEqualTo(Role.VIEWER);
    assertThat(admin.tokens().get(0).role()).as("without a role").isEqualTo(Role.VIEWER);
    assertThat(admin.tokens().get(0).expires()).isNull();

    assertThat(admin.tls()).isInstanceOf(AdminConfig.Tls.Auto.class);
    assertThat(admin.certificateNames()).containsExactly("uplift.example");
    assertThat(admin.users()).extracting(AdminConfig.User::name).containsExactly("ops");
    assertThat(admin.tokens().get(0).sha256()).isEqualTo("0123456789abcdef".repeat(4));
    assertThat(admin.openMetrics()).isTrue();
    assertThat(admin.toString()).doesNotContain(HASH).doesNotContainIgnoringCase(DIGEST);
  }

  @Test
  void readsRolesAndTheLastDayOfATokenWhenSet() throws Exception {
    AdminConfig admin =
        read(
            """
            {users: [{name: ops, passwordHash: %s, role: administrator}],
             tokens: [{name: deploy, sha256: %s, role: operator, expires: 2027-06-30}]}\
            """
                .formatted(HASH, DIGEST));
    assertThat(admin.users().get(0).role()).isEqualTo(Role.ADMINISTRATOR);
    assertThat(admin.tokens().get(0).role()).isEqualTo(Role.OPERATOR);
    assertThat(admin.tokens().get(0).expires()).isEqualTo(LocalDate.parse("2027-06-30"));
    assertThat(problems("{users: [{name: ops, role: root, passwordHash: " + HASH + "}]}"))
        .singleElement()
        .asString()
        .contains("admin.users[0].role", "viewer", "operator");
    assertThat(problems("{tokens: [{name: a, expires: soon, sha256: " + DIGEST + "}]}"))
        .singleElement()
        .asString()
        .contains("admin.tokens[0].expires", "such as 2027-06-30");
  }

  @Test
  void readsAnOpenIdProvider() throws Exception {
    AdminConfig admin =
        read(
            """
            {bind: '0.0.0.0:1', tls: auto, serverNames: [uplift.example], openIdConnect: {
              issuer: 'https://idp.example/realms/corp', clientId: uplift,
              roles: {viewer: everybody, administrator: [admins, bosses]}}}
            """);
    OpenIdConnectConfig provider = admin.openIdConnect();
    assertThat(provider.rolesClaim()).isEqualTo("roles");
    assertThat(provider.clientSecretFile()).isNull();
    assertThat(provider.roles().byValue())
        .containsOnly(
            Map.entry("everybody", Role.VIEWER),
            Map.entry("admins", Role.ADMINISTRATOR),
            Map.entry("bosses", Role.ADMINISTRATOR));
    assertThat(admin.users()).as("a sign-in without passwords").isEmpty();
    assertThat(admin.onPort(2).openIdConnect()).isEqualTo(provider);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "clientId: a, roles: {viewer: b} | admin.openIdConnect.issuer: missing",
        "issuer: 'http://a.example', clientId: a, roles: {viewer: b} | admin.openIdConnect.issuer: got 'http://a.example'; expected https://host or https://host/path",
        "issuer: 'https://a.example?b', clientId: a, roles: {viewer: b} | admin.openIdConnect.issuer: got",
        "issuer: 'https://a.example', roles: {viewer: b} | admin.openIdConnect.clientId: missing",
        "issuer: 'https://a.example', clientId: a | admin.openIdConnect.roles: missing",
        "issuer: 'https://a.example', clientId: a, roles: {} | admin.openIdConnect.roles.administrator: missing; expected viewer, operator or administrator; nobody could sign in",
        "issuer: 'https://a.example', clientId: a, roles: {root: b} | admin.openIdConnect.roles",
        "issuer: 'https://a.example', clientId: a, roles: {viewer: b}, externalUrl: uplift | admin.openIdConnect.externalUrl: got 'uplift'; expected https://host",
        "issuer: 'https://a.example', clientId: a, roles: {viewer: b}, clientSecretFile: /does/not/exist | admin.openIdConnect.clientSecretFile:",
        "issuer: 'https://a.example', clientId: a, roles: {viewer: b}, clientSecret: hunter2 | admin.openIdConnect.clientSecret: unknown key",
      })
  void namesTheWrongKeyOfAnOpenIdProvider(String keys, String problem) {
    assertThat(problems("{openIdConnect: {" + keys + "}}"))
        .isNotEmpty()
        .first()
        .asString()
        .startsWith(problem)
        .doesNotContain("hunter2");
  }

  @Test
  void readsWhatProxiesChange() throws Exception {
    AdminConfig admin =
        read("{externalUrl: 'https://uplift.example', trustedProxies: [10.0.0.0/24, '::1']}");
    assertThat(admin.browserUrl()).isEqualTo("https://uplift.example");
    assertThat(admin.trustedProxies())
        .containsExactly(Cidr.parse("10.0.0.0/24"), Cidr.parse("::1"));
    assertThat(admin.onPort(2).trustedProxies()).isEqualTo(admin.trustedProxies());
    String provider =
        "openIdConnect: {issuer: 'https://idp.example', clientId: a, roles: {viewer: b},"
            + " externalUrl: 'https://uplift.example'}";
    assertThat(read("{" + provider + "}").browserUrl()).isEqualTo("https://uplift.example");
    assertThat(read("{externalUrl: 'https://uplift.example', " + provider + "}").browserUrl())
        .isEqualTo("https://uplift.example");
    assertThat(problems("{externalUrl: 'https://other.example', " + provider + "}"))
        .singleElement()
        .asString()
        .startsWith(
            "admin.externalUrl: got 'https://other.example'; expected the value of"
                + " admin.openIdConnect.externalUrl, https://uplift.example; remove that key");
    assertThat(problems("{externalUrl: 'http://uplift.example'}"))
        .singleElement()
        .asString()
        .startsWith("admin.externalUrl: got 'http://uplift.example'; expected https://host");
    assertThat(problems("{trustedProxies: [proxy.example]}"))
        .singleElement()
        .asString()
        .startsWith("admin.trustedProxies[0]: got 'proxy.example'; expected address blocks");
  }

  @Test
  void hasACertificateForItsAddress() throws Exception {
    assertThat(read("{bind: '127.0.0.1:0', tls: auto}").certificateNames())
        .containsExactly("127.0.0.1");
    assertThat(
            problems(
                "{bind: '0.0.0.0:1', tls: auto, users: [{name: a, passwordHash: " + HASH + "}]}"))
        .singleElement()
        .asString()
        .startsWith("admin.serverNames: missing");
  }

  @Test
  void neverRepeatsASecret() {
    assertThat(problems("{users: [{name: a, passwordHash: hunter2}]}"))
        .singleElement()
        .asString()
        .contains("admin.users[0].passwordHash", "a text of 7 characters", "not a hash")
        .doesNotContain("hunter2");
    assertThat(problems("{tokens: [{name: a, sha256: hunter2}]}"))
        .singleElement()
        .asString()
        .contains("admin.tokens[0].sha256", "not the token itself")
        .doesNotContain("hunter2");
  }

  @Test
  void refusesInvalidTlsAndUsers() {
    assertThat(problems("{tls: maybe}").get(0)).contains("admin.tls: got 'maybe'; expected auto");
    assertThat(problems("{tls: {}}").get(0)).contains("admin.tls.certificate: missing", "auto");
    assertThat(problems("{tls: {certificate: /nowhere/a, key: /nowhere/b}}"))
        .allSatisfy(problem -> assertThat(problem).contains("no such file"))
        .hasSize(2);
    assertThat(problems("{users: [{name: 'a:b', passwordHash: " + HASH + "}]}").get(0))
        .contains("admin.users[0].name", "without a colon");
    assertThat(
            problems(
                "{users: [{name: a, passwordHash: "
                    + HASH
                    + "}, {name: a, passwordHash: "
                    + HASH
                    + "}]}"))
        .singleElement()
        .asString()
        .contains("admin.users[1].name", "another entry has it too");
  }
}
