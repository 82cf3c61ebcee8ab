package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.testing.SchemaAgreement;

/** How devices are signed in. */
class SignInConfigTest {
  private static final String HASH = "$2y$05$tNeuv19wfXaX5yfYn6Bwpe46gl60liCbax8FYfJeuCqGyclTWS.8.";
  private static final String ID = "11111111-2222-3333-4444-555555555555";
  private static final String TENANT = "tenant: contoso.example, applicationId: " + ID;
  private static final String ACCOUNTS =
      "accounts: [{login: Scanner, passwordHash: '"
          + HASH
          + "', mailbox: scanner@contoso.example}]";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private Path secret = Path.of("");

  @BeforeEach
  void writeSecret() throws IOException {
    secret = file("client.secret", "s3cret-value\n", "rw-------");
  }

  @Test
  void isReadWithItsDefaults() throws Exception {
    SignInConfig signIn = signIn(TENANT + ", clientSecretFile: " + secret + ", " + ACCOUNTS);
    assertThat(signIn)
        .isEqualTo(
            new SignInConfig(
                List.of(
                    new SignInTenant(
                        "contoso.example",
                        "contoso.example",
                        ID,
                        null,
                        SignInConfig.Flow.APPLICATION,
                        SignInTenant.Service.EXCHANGE,
                        secret,
                        null,
                        null,
                        Cloud.WORLDWIDE,
                        null,
                        List.of(),
                        null,
                        false)),
                List.of(
                    new SignInConfig.Account(
                        "scanner",
                        HASH,
                        List.of(),
                        "scanner@contoso.example",
                        null,
                        null,
                        List.of(),
                        false,
                        SignInConfig.SendBy.SMTP)),
                null,
                false,
                new SignInConfig.Limits(3, 30, 200, Duration.ofSeconds(25)),
                List.of(),
                true,
                true));
    SignInTenant tenant = signIn.tenants().get(0);
    assertThat(tenant.tenantAuthority())
        .isEqualTo("https://login.microsoftonline.com/contoso.example/");
    assertThat(signIn.tenantOf(signIn.accounts().get(0))).contains(tenant);
    assertThat(signIn.path(tenant)).isEqualTo("signIn");
    assertThat(tenant.tokenOwner())
        .as("tokens of earlier versions are found")
        .isEqualTo("https://login.microsoftonline.com/contoso.example/ " + ID);
  }

  @Test
  void readsAllKeysOfAnAccount() throws Exception {
    SignInConfig signIn =
        signIn(
            TENANT
                + ", flow: device-code, cloud: china, authority: 'https://127.0.0.1:8443/', accounts: [{devices: [10.1.2.0/24, 'fd00::/64'], mailbox: Scanner@Contoso.example, allowedSenders: [Fax@Contoso.example, '@scan.contoso.example'], disabled: true}]");
    assertThat(signIn.accounts())
        .containsExactly(
            new SignInConfig.Account(
                null,
                null,
                List.of(Cidr.parse("10.1.2.0/24"), Cidr.parse("fd00::/64")),
                "Scanner@Contoso.example",
                null,
                null,
                List.of("fax@contoso.example", "@scan.contoso.example"),
                true,
                SignInConfig.SendBy.SMTP));
    SignInTenant tenant = signIn.tenants().get(0);
    assertThat(tenant.authority()).isEqualTo(URI.create("https://127.0.0.1:8443"));
    assertThat(tenant.tenantAuthority()).isEqualTo("https://127.0.0.1:8443/contoso.example/");
  }

  @ParameterizedTest
  @CsvSource({
    "worldwide, https://login.microsoftonline.com/contoso.example/, https://outlook.office365.com/.default, https://outlook.office.com/SMTP.Send, https://graph.microsoft.com",
    "gcc-high, https://login.microsoftonline.us/contoso.example/, https://outlook.office365.us/.default, https://outlook.office365.us/SMTP.Send, https://graph.microsoft.us",
    "dod, https://login.microsoftonline.us/contoso.example/, https://outlook-dod.office365.us/.default, https://outlook-dod.office365.us/SMTP.Send, https://dod-graph.microsoft.us",
    "china, https://login.partner.microsoftonline.cn/contoso.example/, https://partner.outlook.cn/.default, https://partner.outlook.cn/SMTP.Send, https://microsoftgraph.chinacloudapi.cn",
  })
  void hasTheAddressesOfEachCloud(
      String cloud, String authority, String scope, String delegated, String graph)
      throws Exception {
    SignInConfig signIn = signIn(TENANT + ", flow: device-code, cloud: " + cloud + ", " + ACCOUNTS);
    SignInTenant tenant = signIn.tenants().get(0);
    assertThat(tenant.tenantAuthority()).isEqualTo(authority);
    assertThat(tenant.cloud().applicationScope()).isEqualTo(scope);
    assertThat(tenant.scopes()).contains(delegated).hasSize(3);
    assertThat(tenant.graphAddress()).isEqualTo(URI.create(graph));
  }

  @Test
  void usesTheCloudOfTheEndpointListByDefault() throws Exception {
    String china =
        "\nmicrosoft365: {cloud: china}\nroutes: [{to: ['smtp.office365.com:587'], action: bridge}]";
    assertThat(clouds(signIn(TENANT + ", flow: device-code, " + ACCOUNTS, china)))
        .containsExactly(Cloud.CHINA);
    assertThat(clouds(signIn(TENANT + ", flow: device-code, cloud: dod, " + ACCOUNTS, china)))
        .containsExactly(Cloud.DOD);
    assertThat(clouds(signIn(TENANT + ", flow: device-code, " + ACCOUNTS)))
        .containsExactly(Cloud.WORLDWIDE);
    assertThat(
            clouds(
                signIn(
                    several("contoso", "fabrikam")
                            .replace("name: contoso,", "name: contoso, cloud: dod,")
                        + ", "
                        + ACCOUNTS.replace("mailbox:", "tenant: fabrikam, mailbox:"),
                    china)))
        .containsExactly(Cloud.DOD, Cloud.CHINA);
  }

  private static List<Cloud> clouds(SignInConfig signIn) {
    return signIn.tenants().stream().map(SignInTenant::cloud).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "tenant: common | .tenant: got 'common'; expected the tenant's ID, such as aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, or its domain, such as contoso.onmicrosoft.com; name the tenant that has the mailboxes",
        "tenant: 'contoso.example/x' | .tenant: got 'contoso.example/x'; expected the tenant's ID, such as aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, or its domain, such as contoso.onmicrosoft.com",
        "tenant: \"contoso\\u202E.example\" | .tenant: got 'contoso?.example'; expected the tenant's ID, such as aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, or its domain, such as contoso.onmicrosoft.com",
        "tenant: \"contoso\\u2028.example\" | .tenant: got 'contoso?.example'; expected the tenant's ID, such as aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, or its domain, such as contoso.onmicrosoft.com",
        "applicationId: scanner | .applicationId: got 'scanner'; expected the application's ID, such as 11111111-2222-3333-4444-555555555555; copy the 'Application (client) ID' from the Entra admin centre",
        "service: graph | .service: got 'graph'; expected exchange, hve",
        "secretExpires: 1.3.2027 | .secretExpires: got '1.3.2027'; expected a day, such as 2027-03-01",
        "cloud: us-government | .cloud: got 'us-government'; expected worldwide, gcc-high, dod, china; write 'gcc-high' or 'dod'",
        "authority: 'http://login.example' | .authority: got 'http://login.example'; expected https://host or https://host:port; tokens are never requested in plaintext; write https://",
        "authority: 'https://login.example/tenant' | .authority: got 'https://login.example/tenant'; expected https://host or https://host:port; write only host and port: the daemon adds the tenant",
        "authority: 'https://u:p@login.example' | .authority: got 'https://u:p@login.example'; expected https://host or https://host:port; write only host and port: the daemon adds the tenant",
        "origins: ['*.corp.example'] | .origins[0]: got '*.corp.example'; expected hosts without a port, such as smtp.office365.com; list each host: anyone with a token can use the mailbox",
        "origins: ['relay.corp.example:587'] | .origins[0]: got 'relay.corp.example:587'; expected hosts without a port, such as smtp.office365.com",
        "flow: password | .flow: got 'password'; expected application, device-code",
        "tenent: x | .tenent: unknown key; expected accounts, accountsFile, allowedMailboxes, applicationId, applicationObjectId, authority, certificate, clientSecretFile, cloud, dailyCheck, flow, graph, limits, origins, renewCertificates, saveToSentItems, secretExpires, service, shareAccounts, tenant, tenants; did you mean 'tenant'?",
      })
  void problems(String key, String message) {
    String name = key.substring(0, key.indexOf(':'));
    String rest =
        String.join(
            "\n  ",
            List.of(
                    "tenant: contoso.example",
                    "applicationId: " + ID,
                    "clientSecretFile: " + secret,
                    ACCOUNTS)
                .stream()
                .filter(line -> !line.startsWith(name + ":"))
                .toList());
    assertThat(sorted(yaml("\n  " + rest + "\n  " + key + "\n")))
        .containsExactly("signIn" + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{mailbox: a@b.example} | .login: missing; expected 1 to 255 printable characters; add 'login', or 'devices' for devices that cannot sign in",
        "{login: x, mailbox: a@b.example} | .passwordHash: missing; expected a bcrypt or Argon2id hash; run 'tls-uplift accounts hash' to get one",
        "{login: x, passwordHash: Pa55word, mailbox: a@b.example} | .passwordHash: got '***'; expected a bcrypt or Argon2id hash; run 'tls-uplift accounts hash' to get one; this is not a hash; plaintext passwords are not stored",
        "{login: x, passwordHash: '$6$salt$hash', mailbox: a@b.example} | .passwordHash: got '***'; expected a bcrypt or Argon2id hash; run 'tls-uplift accounts hash' to get one; the hash type is not supported; use Argon2id or bcrypt",
        "{devices: [10.0.0.0/8], passwordHash: x, mailbox: a@b.example} | .passwordHash: the key has no effect here; 'login' is missing; add it, or remove the key",
        "{devices: [10.0.0.0/8]} | .mailbox: missing; expected a mail address, such as scanner@contoso.com",
        "{devices: [10.0.0.0/8], mailbox: 'Scanner <a@b.example>'} | .mailbox: got 'Scanner <a@b.example>'; expected a mail address, such as scanner@contoso.com; write the address without < and >",
        "{devices: [10.0.0.0/8], mailbox: \"a@b.example\\x01auth=x\"} | .mailbox: got 'a@b.example?auth=x'; expected a mail address, such as scanner@contoso.com",
        "{devices: [10.0.0.0/8], mailbox: \"a\\u202Eb@b.example\"} | .mailbox: got 'a?b@b.example'; expected a mail address, such as scanner@contoso.com",
        "{devices: [10.0.0.0/8], mailbox: a@b.example, allowedSenders: [b.example]} | .allowedSenders[0]: got 'b.example'; expected mail addresses, such as scanner@contoso.com, or \"@contoso.com\" for a whole domain; write \"@b.example\"",
        "{devices: [10.0.0.0/8], mailbox: a@b.example, allowedSenders: ['*@b.example']} | .allowedSenders[0]: got '*@b.example'; expected mail addresses, such as scanner@contoso.com, or \"@contoso.com\" for a whole domain",
        "{devices: [10.0.0.0/8], mailbox: a@b.example, tenant: fabrikam} | .tenant: got 'fabrikam'; expected contoso.example; correct the name",
        "{devices: [10.0.0.0/8], mailbox: a@b.example, upstream: {user: x}} | .upstream.origin: missing; expected host:port, such as smtp.azurecomm.net:587; name the origin: the password is sent to no other one@signIn.accounts[0].upstream.passwordFile: missing; expected the path of a file",
        "{devices: [10.0.0.0/8], mailbox: a@b.example, upstream: {origin: 'https://a.example', passwordFile: x}} | .upstream.origin: got 'https://a.example'; expected host:port, such as smtp.azurecomm.net:587; remove the scheme",
        "{devices: [10.0.0.0/8], mailbox: a@b.example, upstream: {origin: 'a.example:587', password: Pa55word, passwordFile: x}} | .upstream.password: unknown key; expected origin, user, passwordFile; did you mean 'passwordFile'?",
        "{devices: [10.0.0.1/8], mailbox: a@b.example} | .devices[0]: got '10.0.0.1/8'; expected address blocks, such as 10.1.2.0/24 or \"fd00::/64\"; the address has bits set after the prefix; write 10.0.0.0/8",
      })
  void problemsOfAnAccount(String account, String message) {
    assertThat(problems(TENANT + ", clientSecretFile: " + secret + ", accounts: [" + account + "]"))
        .containsExactlyInAnyOrder(("signIn.accounts[0]" + message).split("@(?=signIn)", -1));
  }

  @Test
  void oneTenantCanHaveHighVolumeEmail() throws Exception {
    for (String flow : List.of("clientSecretFile: " + secret, "flow: device-code")) {
      SignInTenant tenant =
          signIn(TENANT + ", service: hve, " + flow + ", " + ACCOUNTS).tenants().get(0);
      assertThat(tenant.service()).isEqualTo(SignInTenant.Service.HVE);
      assertThat(tenant.scopes()).containsExactly("https://outlook.office.com/.default");
      assertThat(tenant.tokenOwner()).endsWith(" hve");
    }
    assertThat(problems(TENANT + ", service: hve, cloud: china, flow: device-code, " + ACCOUNTS))
        .containsExactly(
            "signIn.service: got 'hve'; expected exchange; High Volume Email does not exist in 21Vianet's cloud");
  }

  @Test
  void accountsNameTheirTenantIfThereAreSeveral() throws Exception {
    String account = "{devices: [10.%d.0.0/16], mailbox: a@b.example%s}";
    SignInConfig signIn =
        signIn(
            several("contoso", "fabrikam")
                + ", accounts: ["
                + account.formatted(1, ", tenant: fabrikam")
                + "]");
    assertThat(signIn.tenantNames()).containsExactly("contoso", "fabrikam");
    assertThat(signIn.tenantOf(signIn.accounts().get(0))).contains(signIn.tenants().get(1));
    assertThat(signIn.path(signIn.tenants().get(1))).isEqualTo("signIn.tenants[1]");
    assertThat(
            problems(
                several("contoso", "fabrikam")
                    + ", accounts: ["
                    + account.formatted(1, "")
                    + ", "
                    + account.formatted(2, ", tenant: northwind")
                    + "]"))
        .containsExactly(
            "signIn.accounts[0].tenant: missing; expected contoso, fabrikam; name the tenant that has the mailbox",
            "signIn.accounts[1].tenant: got 'northwind'; expected contoso, fabrikam; correct the name");
  }

  @Test
  void tenantsHaveDifferentNamesAndTheirOwnKeys() {
    assertThat(problems(several("contoso", "contoso") + ", flow: application, " + ACCOUNTS))
        .containsExactlyInAnyOrder(
            "signIn.flow: the key has no effect here; 'tenants' is set too; move the key to one of the tenants",
            "signIn.tenants[1].name: got 'contoso'; expected a unique name; another tenant has the same name");
    assertThat(
            problems(
                "tenants: [{name: a.b, tenant: contoso.example, applicationId: "
                    + ID
                    + ", clientSecretFile: /nowhere}], "
                    + ACCOUNTS))
        .satisfiesExactlyInAnyOrder(
            problem ->
                assertThat(problem)
                    .startsWith("signIn.tenants[0].name: got 'a.b'; expected 1 to 32 letters"),
            problem ->
                assertThat(problem)
                    .startsWith(
                        "signIn.tenants[0].clientSecretFile: got '/nowhere'; expected a readable file"));
  }

  @Test
  void accountsWithPasswordsForTheirOriginNeedNoTenant() throws Exception {
    Path password = file("relay.password", "a long secret\n", "rw-------");
    String upstream =
        "upstream: {origin: 'smtp.office365.com:587', passwordFile: " + password + "}";
    SignInConfig signIn =
        signIn("accounts: [{devices: [10.0.0.0/8], mailbox: a@b.example, " + upstream + "}]");
    assertThat(signIn.tenants()).isEmpty();
    assertThat(signIn.accounts().get(0).upstream())
        .isEqualTo(
            new SignInConfig.Upstream(
                new HostPort("smtp.office365.com", 587), "a@b.example", password));
    assertThat(signIn.tenantOf(signIn.accounts().get(0))).isEmpty();
    assertThat(problems("accounts: [{devices: [10.0.0.0/8], mailbox: a@b.example}]"))
        .containsExactly(
            "signIn.accounts[0].upstream: missing; expected 'upstream', or a tenant in 'signIn'; set 'tenant' and 'applicationId' of 'signIn', or let the account sign in with a password");
    assertThat(
            problems(
                TENANT
                    + ", flow: device-code, accounts: [{devices: [10.0.0.0/8], mailbox: a@b.example, tenant: contoso.example, "
                    + upstream
                    + "}]"))
        .containsExactly(
            "signIn.accounts[0].tenant: the key has no effect here; 'upstream' is set too; keep one of the two");
  }

  @Test
  void passwordsForOriginsAreForThisUserAlone() throws Exception {
    Path open = file("open.password", "a long secret\n", "rw-r--r--");
    String account =
        "{devices: [10.%d.0.0/16], mailbox: a@b.example, upstream: {origin: 'smtp.office365.com:587', passwordFile: %s}}";
    assertThat(problems("accounts: [" + account.formatted(1, open) + "]"))
        .singleElement()
        .asString()
        .startsWith(
            "signIn.accounts[0].upstream.passwordFile: '"
                + open
                + "' is accessible to other users (mode rw-r--r--)");
    Path accounts =
        file(
            "accounts.yaml",
            "accounts:\n- "
                + account.formatted(1, directory.resolve("missing"))
                + "\n- "
                + account.formatted(2, file("nul.password", "a\0b\n", "rw-------"))
                + "\n",
            "rw-------");
    assertThat(problems("accountsFile: " + accounts))
        .satisfiesExactly(
            problem ->
                assertThat(problem)
                    .startsWith(
                        "signIn.accountsFile: error in '"
                            + accounts
                            + "', accounts[0].upstream.passwordFile: got '"
                            + directory.resolve("missing")
                            + "'; expected a readable file; no such file"),
            problem -> assertThat(problem).contains("accounts[1].").contains("NUL character"));
  }

  @Test
  void aPasswordThatNoListenerCanUseIsAWarning() throws Exception {
    Path password = file("relay.password", "a long secret\n", "rw-------");
    LoadedConfig loaded =
        ConfigLoader.parse(
            yaml(
                "{accounts: [{devices: [10.0.0.0/8], mailbox: a@b.example, upstream: {origin: 'smtp.azurecomm.net:587', passwordFile: "
                    + password
                    + "}}]}"),
            "test");
    assertThat(loaded.warnings().stream().map(ConfigProblem::toString))
        .contains(
            "signIn.accounts[0].upstream.origin: no listener with 'signIn: true' leads to 'smtp.azurecomm.net:587'; add a listener with this origin; devices cannot use this account");
  }

  @Test
  void anAccountSendsByGraphWithAnApplicationOfExchangeOnline() throws Exception {
    String graph = "accounts: [{devices: [10.0.0.0/8], mailbox: a@b.example, sendBy: graph}]";
    String application = TENANT + ", clientSecretFile: " + secret + ", ";
    SignInConfig signIn = signIn(application + "saveToSentItems: true, cloud: dod, " + graph);
    assertThat(signIn.accounts().get(0).sendBy()).isEqualTo(SignInConfig.SendBy.GRAPH);
    assertThat(signIn.tenants().get(0).saveToSentItems()).isTrue();
    assertThat(signIn.tenants().get(0).graphAddress())
        .isEqualTo(URI.create("https://dod-graph.microsoft.us"));
    String refused =
        "signIn.accounts[0].sendBy: got 'graph'; expected smtp, or a tenant with 'flow: application' and 'service: exchange'; Graph sends for an application that signs in by itself, and not for High Volume Email";
    assertThat(problems(TENANT + ", flow: device-code, " + graph)).containsExactly(refused);
    assertThat(problems(application + "service: hve, " + graph)).containsExactly(refused);
    Path password = file("relay.password", "a long secret\n", "rw-------");
    assertThat(
            problems(
                graph.replace(
                    "sendBy",
                    "upstream: {origin: 'a.example:587', passwordFile: " + password + "}, sendBy")))
        .containsExactly(
            "signIn.accounts[0].sendBy: the key has no effect here; 'upstream' is set too, and Graph accepts no password");
  }

  @Test
  void graphNeedsTheSpoolOfEachListener() throws Exception {
    String keys =
        "{"
            + TENANT
            + ", clientSecretFile: "
            + secret
            + ", accounts: [{devices: [10.0.0.0/8], mailbox: a@b.example, sendBy: auto}]}";
    String warning =
        "listeners[0].mail.spool.when: without 'always', mail of accounts with 'sendBy: graph' or 'auto' goes by SMTP first; set 'mail: {spool: {when: always}}': Graph gets whole messages from the spool";
    assertThat(warnings(yaml(keys))).contains(warning);
    assertThat(
            warnings(
                yaml(keys)
                    .replace("signIn: true}", "signIn: true, mail: {spool: {when: unavailable}}}")))
        .contains(warning);
    assertThat(
            warnings(
                yaml(keys)
                    .replace("signIn: true}", "signIn: true, mail: {spool: {when: always}}}")))
        .doesNotContain(warning);
    assertThat(warnings(yaml(keys.replace(", sendBy: auto", "")))).doesNotContain(warning);
  }

  @Test
  void warnsOfThePlaceholderForTheApplicationId() throws Exception {
    String keys =
        "{tenant: contoso.com, applicationId: %s, flow: device-code, accountsFile: a.yaml}";
    String pending = keys.formatted(SignInTenant.PENDING);
    assertThat(warnings(yaml(pending)))
        .contains(
            "signIn.applicationId: '00000000-0000-0000-0000-000000000000' is still the placeholder, so no device can sign in; run: tls-uplift tenant setup --write --tenant contoso.com --flow device-code --application-id \"LINE OF IDS\" --config FILE");
    assertThat(
            warnings(
                yaml(
                    pending
                        .replace("{tenant", "{tenants: [{name: office, tenant")
                        .replace(", accounts", "}], accounts"))))
        .anyMatch(
            warning ->
                warning.endsWith(
                    "set it to the application ID that the script of tenant office printed"));
    assertThat(warnings(yaml(keys.formatted(ID)))).noneMatch(each -> each.contains("placeholder"));
  }

  private static List<String> warnings(String yaml) throws Exception {
    return ConfigLoader.parse(yaml, "test").warnings().stream()
        .map(ConfigProblem::toString)
        .toList();
  }

  private String several(String... names) {
    return Arrays.stream(names)
        .map(
            name ->
                "{name: %s, tenant: %s.example, applicationId: %s, clientSecretFile: %s}"
                    .formatted(name, name, ID, secret))
        .collect(Collectors.joining(", ", "tenants: [", "]"));
  }

  @Test
  void notificationsWithoutASenderCanBeAllowed() throws Exception {
    SignInConfig signIn =
        signIn(
            TENANT
                + ", clientSecretFile: "
                + secret
                + ", "
                + ACCOUNTS.replace("mailbox:", "allowedSenders: ['<>'], mailbox:"));
    assertThat(signIn.accounts().get(0).allowedSenders()).containsExactly("<>");
  }

  @Test
  void limitsOfAMailboxCanBeSet() throws Exception {
    SignInConfig signIn =
        signIn(
            TENANT
                + ", clientSecretFile: "
                + secret
                + ", limits: {sessions: 2, messagesPerMinute: 10, maximumWaiting: 0, maximumWait: 1m}, "
                + ACCOUNTS);
    assertThat(signIn.limits()).isEqualTo(new SignInConfig.Limits(2, 10, 0, Duration.ofMinutes(1)));
    assertThat(
            problems(
                TENANT
                    + ", clientSecretFile: "
                    + secret
                    + ", limits: {sessions: 0, maximumWait: 3m, waits: 1}, "
                    + ACCOUNTS))
        .hasSize(3)
        .anyMatch(problem -> problem.startsWith("signIn.limits.sessions: got '0'"))
        .anyMatch(problem -> problem.startsWith("signIn.limits.maximumWait: got '3m'"))
        .anyMatch(problem -> problem.startsWith("signIn.limits.waits: "));
  }

  @Test
  void anApplicationProvesItselfInOneWay() throws IOException {
    assertThat(problems(TENANT + ", " + ACCOUNTS))
        .containsExactly(
            "signIn.clientSecretFile: missing; expected the path of a file; or set 'certificate', or 'flow: device-code': the application needs a credential, or a user must sign in");
    assertThat(
            problems(
                TENANT
                    + ", clientSecretFile: "
                    + secret
                    + ", certificate: {certificate: "
                    + file("a.pem", "", "rw-------")
                    + ", key: "
                    + file("a.key", "", "rw-------")
                    + "}, "
                    + ACCOUNTS))
        .contains(
            "signIn.clientSecretFile: the key has no effect here; 'certificate' is set too; keep one of the two");
    assertThat(
            problems(TENANT + ", flow: device-code, clientSecretFile: " + secret + ", " + ACCOUNTS))
        .containsExactly(
            "signIn.clientSecretFile: the key has no effect here; with 'flow: device-code' a user signs in instead of the application; remove the key");
  }

  @Test
  void theSecretIsForThisUserAlone() throws IOException {
    Path open = file("open.secret", "s3cret-value\n", "rw-r--r--");
    assertThat(problems(TENANT + ", clientSecretFile: " + open + ", " + ACCOUNTS))
        .containsExactly(
            "signIn.clientSecretFile: '"
                + open
                + "' is accessible to other users (mode rw-r--r--); expected a file that only this user can read; anyone with this file can access the mailboxes; run: chmod 600 "
                + open);
    assertThat(
            problems(
                TENANT
                    + ", clientSecretFile: "
                    + file("empty.secret", "\n", "rw-------")
                    + ", "
                    + ACCOUNTS))
        .singleElement()
        .asString()
        .contains("is empty");
  }

  @Test
  void eachDeviceIsOneAccounts() {
    String login = "{login: %s, passwordHash: '" + HASH + "', mailbox: %s@b.example}";
    String devices = "{devices: [%s], mailbox: %s@b.example}";
    assertThat(
            problems(
                TENANT
                    + ", clientSecretFile: "
                    + secret
                    + ", accounts: ["
                    + String.join(
                        ", ",
                        login.formatted("scanner", "a"),
                        login.formatted("Scanner", "b"),
                        devices.formatted("10.0.0.0/8", "c"),
                        devices.formatted("192.168.0.0/24", "d"),
                        devices.formatted("10.1.2.0/24", "e"),
                        "{login: f, passwordHash: '"
                            + HASH
                            + "', devices: [10.1.2.0/24], mailbox: f@b.example}")
                    + "]"))
        .containsExactly(
            "signIn.accounts[1].login: got 'scanner'; expected a unique login; signIn.accounts[0] has the same login; upper and lower case are ignored",
            "signIn.accounts[4].devices: got '10.1.2.0/24'; expected address blocks that no other account without 'login' has; signIn.accounts[2] has 10.0.0.0/8 without 'login' too; give one of the two a login, or separate the blocks");
  }

  @Test
  void refusesASectionWithoutAccounts() {
    assertThat(problems(TENANT + ", clientSecretFile: " + secret))
        .containsExactly(
            "signIn.accounts: missing; expected a list of accounts, or 'accountsFile' with the path of a file; add an account, so that devices can sign in: tls-uplift accounts add");
  }

  @Test
  void sharedAccountsNeedAFileAndTheKeyOfADatabase() {
    assertThat(
            problems(
                TENANT
                    + ", clientSecretFile: "
                    + secret
                    + ", "
                    + ACCOUNTS
                    + ", shareAccounts: true"))
        .containsExactly(
            "signIn.shareAccounts: got 'true'; expected false, or true with 'signIn.accountsFile'; set accountsFile to a file that the daemon may write",
            "signIn.shareAccounts: got 'true'; expected false, or true with 'database.keyFile'; set database.url and database.keyFile, which encrypts the accounts in it");
  }

  @Test
  void listenersThatSignInAreOfMailAndBridge() {
    assertThat(
            ConfigProblemsTest.problems(
                """
                listeners:
                  - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy, signIn: true}
                  - {name: tls, bind: "127.0.0.1:0", accept: fixed, origin: "outlook.office365.com:443", profile: legacy, signIn: true}
                  - name: mail
                    bind: 127.0.0.1:0
                    accept: fixed
                    origin: smtp.office365.com:587
                    protocol: smtp
                    profile: legacy
                    signIn: true
                    whenModern: tunnel
                """))
        .satisfiesExactly(
            problem ->
                assertThat(problem)
                    .startsWith(
                        "listeners[0].signIn: the key has no effect here; the destination port"),
            problem ->
                assertThat(problem)
                    .isEqualTo(
                        "listeners[1].signIn: the key has no effect here; it is for mail only; write 'protocol: smtp', imap or pop3"),
            problem ->
                assertThat(problem)
                    .isEqualTo(
                        "listeners[2].signIn: got 'true'; expected false, or true with the section 'signIn'; add 'signIn' with tenant, application and accounts"),
            problem ->
                assertThat(problem)
                    .isEqualTo(
                        "listeners[2].whenModern: got 'tunnel'; expected bridge, or 'signIn: false'; a device cannot be signed in through a tunnel"));
  }

  @Test
  void accountsOfTheFileAndOfTheConfigurationAreTogether() throws IOException {
    Path file =
        file(
            "accounts.yaml",
            "accounts:\n- {login: scanner, passwordHash: '" + HASH + "', mailbox: z@b.example}\n",
            "rw-------");
    assertThat(
            problems(
                TENANT
                    + ", clientSecretFile: "
                    + secret
                    + ", accountsFile: "
                    + file
                    + ", "
                    + ACCOUNTS))
        .containsExactly(
            "signIn.accountsFile: error in '"
                + file
                + "', the configuration's signIn.accounts[0].login: got 'scanner'; expected a unique login; accounts[0] has the same login; upper and lower case are ignored");
  }

  @Test
  void acceptsAMissingAccountsFile() throws Exception {
    Path missing = directory.resolve("accounts.yaml");
    LoadedConfig loaded =
        ConfigLoader.parse(
            yaml(
                "{"
                    + TENANT
                    + ", clientSecretFile: "
                    + secret
                    + ", accountsFile: "
                    + missing
                    + "}"),
            "test");
    assertThat(loaded.warnings().stream().map(ConfigProblem::toString))
        .contains(
            "signIn.accountsFile: '"
                + missing
                + "' does not exist, so no device can sign in; run: tls-uplift accounts add");
    assertThat(AccountsFile.read(missing, loaded.config().signIn())).isEmpty();
  }

  @Test
  void anEmptyListIsAFileOfAccountsToo() throws Exception {
    assertThat(
            AccountsFile.read(
                file("accounts.yaml", "accounts: []\n", "rw-------"),
                signIn(TENANT + ", clientSecretFile: " + secret + ", " + ACCOUNTS)))
        .isEmpty();
  }

  private SignInConfig signIn(String keys) throws InvalidConfigException {
    return signIn(keys, "");
  }

  private SignInConfig signIn(String keys, String more) throws InvalidConfigException {
    SignInConfig signIn =
        Objects.requireNonNull(
            ConfigLoader.parse(yaml("{" + keys + "}") + more, "test").config().signIn());
    SchemaAgreement.accepted(yaml("{" + keys + "}") + more);
    return signIn;
  }

  private static List<String> problems(String keys) {
    return ConfigProblemsTest.problems(yaml("{" + keys + "}"));
  }

  /** Keys that may be written are told in the order of reading, which does not matter here. */
  private static List<String> sorted(String yaml) {
    return ConfigProblemsTest.problems(yaml).stream()
        .map(problem -> problem.contains("unknown key; expected ") ? sortedKeys(problem) : problem)
        .toList();
  }

  private static String sortedKeys(String problem) {
    String[] parts = problem.split("expected |; did", -1);
    return parts[0]
        + "expected "
        + String.join(", ", List.of(parts[1].split(", ")).stream().sorted().toList())
        + "; did"
        + parts[2];
  }

  private static String yaml(String signIn) {
    return """
        listeners:
          - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "smtp.office365.com:587", protocol: smtp, profile: legacy, signIn: true}
        signIn:\
        """
        + " "
        + signIn;
  }

  private Path file(String name, String content, String mode) throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    return file;
  }
}
