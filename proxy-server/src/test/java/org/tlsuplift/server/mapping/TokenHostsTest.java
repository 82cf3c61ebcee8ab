package org.tlsuplift.server.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.TokenHosts;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.microsoft365.ListName;
import org.tlsuplift.server.microsoft365.PublishedList;

/** Tokens are for the hosts of their tenant, and a listener to another host is refused. */
class TokenHostsTest {
  private static final String TENANT =
      "tenant: contoso.example, applicationId: 11111111-2222-3333-4444-555555555555";
  private static final String BY_TOKEN = "{devices: [10.1.2.0/24], mailbox: a@contoso.example}";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private String yaml(String tenant, String accounts, String... origins) throws IOException {
    Path secret = privately("client.secret", "s3cret-value\n");
    List<String> listeners = new ArrayList<>();
    for (String origin : origins) {
      listeners.add(
          "  - {name: mail-%d, bind: '127.0.0.1:0', accept: fixed, origin: '%s', protocol: smtp, profile: legacy, signIn: true}\n"
              .formatted(listeners.size(), origin));
    }
    return "dataDirectory: '%s'\n".formatted(directory.resolve("data"))
        + "listeners:\n"
        + String.join("", listeners)
        + "routes: [{to: ['*:*'], action: bridge}]\n"
        + "signIn: {%s, clientSecretFile: '%s', %s}\n".formatted(tenant, secret, accounts);
  }

  private Path privately(String name, String text) throws IOException {
    Path file = Files.writeString(directory.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private String byPassword(String origin) throws IOException {
    return "{devices: [10.1.3.0/24], mailbox: b@contoso.example, upstream: {origin: '%s', passwordFile: '%s'}}"
        .formatted(origin, privately("upstream.password", "a password\n"));
  }

  private static TokenHosts hosts(String yaml) throws Exception {
    ServerConfig config = ConfigLoader.parse(yaml, "test").config();
    SignInConfig signIn = config.signIn();
    assertThat(signIn).isNotNull();
    return TokenHosts.of(signIn, signIn.tenants().get(0), config.listeners());
  }

  private static List<String> problems(String yaml) throws Exception {
    LoadedConfig loaded = ConfigLoader.parse(yaml, "test");
    try {
      ConfigMapper.map(loaded);
      return List.of();
    } catch (InvalidConfigException refused) {
      return refused.problems().stream().map(Object::toString).toList();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "worldwide, exchange, smtp.office365.com outlook.office365.com outlook.office.com smtp-legacy.office365.com imap-legacy.office365.com outlook.cloud.microsoft, smtp.office365.us smtp-hve.office365.com smtp.hve.mx.microsoft office365.com.evil.example evil-office365.com smtp.partner.outlook.cn 10.0.0.1 smtp.azurecomm.net",
    "worldwide, hve, smtp.hve.mx.microsoft smtp-hve.office365.com, smtp.office365.com outlook.office365.com a.hve.mx.microsoft",
    "gcc-high, exchange, smtp.office365.us outlook.office365.us, smtp.office365.com outlook-dod.office365.us",
    "gcc-high, hve, smtp.hve.mx.microsoft smtp.hve.mx.microsoft, smtp-hve.office365.us smtp-hve.office365.com smtp.office365.us",
    "dod, exchange, outlook-dod.office365.us smtp.office365.us webmail.apps.mil, smtp.office365.com outlook.office365.us safe.apps.mil",
    "china, exchange, partner.outlook.cn smtp.partner.outlook.cn, outlook.cn smtp.office365.com partner.outlook.cn.evil.example",
  })
  void areThoseOfTheCloudAndTheService(String cloud, String service, String all, String none)
      throws Exception {
    TokenHosts hosts =
        hosts(
            yaml(
                TENANT + ", cloud: " + cloud + ", service: " + service,
                "accounts: [" + BY_TOKEN + "]",
                all.substring(0, all.indexOf(' ')) + ":587",
                "mail.evil.example:587"));
    assertThat(all.split(" ")).allMatch(host -> hosts.allow(new HostPort(host, 587)));
    assertThat(none.split(" ")).noneMatch(host -> hosts.allow(new HostPort(host, 587)));
    assertThat(hosts.allow(new HostPort("mail.evil.example", 587))).isFalse();
  }

  /**
   * Microsoft's own list is the proof: its mail hosts are allowed, and what is allowed is in it.
   */
  @ParameterizedTest
  @EnumSource
  void areTheMailHostsOfMicrosoftsListAndInItsDomains(Cloud cloud) {
    TokenHosts hosts = new TokenHosts("contoso", "origins", cloud.exchangeHosts(), List.of());
    PublishedList list = PublishedList.bundled(cloud);
    List<Destination> submission =
        ListName.EXCHANGE.select(list).destinations().stream()
            .filter(each -> each.ports().contains(587) || each.ports().contains(993))
            .toList();
    assertThat(submission).isNotEmpty();
    for (Destination each : submission) {
      if (!(each.hosts() instanceof HostPattern.Subnet)) {
        String host = each.hosts().toString().replace("*", "smtp");
        assertThat(hosts.allow(new HostPort(host, 587))).as(host).isTrue();
      }
    }
    List<Destination> all = ListName.ALL.select(list).destinations();
    for (HostPattern pattern : hosts.hosts()) {
      String host = pattern.toString().replace("*", "smtp");
      assertThat(all).as(host).anyMatch(each -> each.hosts().matches(host));
    }
  }

  @Test
  void areThoseOfTheConfigurationIfConfigured() throws Exception {
    TokenHosts hosts =
        hosts(
            yaml(
                TENANT + ", origins: [Relay.Corp.example, 10.1.2.3]",
                "accounts: [" + BY_TOKEN + "]",
                "relay.corp.example:587"));
    assertThat(hosts.allow(new HostPort("relay.corp.example", 993))).isTrue();
    assertThat(hosts.allow(new HostPort("10.1.2.3", 587))).isTrue();
    assertThat(hosts.allow(new HostPort("smtp.office365.com", 587))).isFalse();
  }

  @Test
  void isTheOnlyOriginIfTheIdentityPlatformIsNotMicrosofts() throws Exception {
    String own = TENANT + ", authority: 'https://login.sovereign.example'";
    String accounts = "accounts: [" + BY_TOKEN + "]";
    TokenHosts only =
        hosts(yaml(own, accounts, "mail.sovereign.example:587", "mail.sovereign.example:465"));
    assertThat(only.allow(new HostPort("mail.sovereign.example", 993))).isTrue();
    assertThat(only.allow(new HostPort("smtp.office365.com", 587))).isFalse();

    TokenHosts microsofts =
        hosts(yaml(own, accounts, "smtp.office365.com:587", "outlook.office365.com:993"));
    assertThat(microsofts.allow(new HostPort("outlook.office365.com", 993))).isTrue();

    assertThat(
            hosts(
                    yaml(
                        TENANT + ", authority: 'https://login.microsoftonline.com.evil.example'",
                        accounts,
                        "mail.sovereign.example:587"))
                .allow(new HostPort("mail.sovereign.example", 587)))
        .as("its tokens are not Microsoft's")
        .isTrue();
  }

  /** The aliases are those of Microsoft's own libraries. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://Login.MicrosoftOnline.com",
        "https://login.microsoftonline.com:443",
        "https://login.microsoftonline.com./",
        "https://login.microsoft.com",
        "https://westus.login.microsoft.com",
        "https://login.windows.net",
        "https://sts.windows.net",
        "https://login-us.microsoftonline.com",
        "https://login.microsoftonline.us",
        "https://login.usgovcloudapi.net",
        "https://login.partner.microsoftonline.cn",
        "https://login.chinacloudapi.cn",
      })
  void theOnlyOriginGetsNoTokensOfMicrosoftsPlatformUnderAnyOfItsNames(String authority)
      throws Exception {
    assertThat(
            hosts(
                    yaml(
                        TENANT + ", authority: '" + authority + "'",
                        "accounts: [" + BY_TOKEN + "]",
                        "mail.evil.example:587"))
                .allow(new HostPort("mail.evil.example", 587)))
        .isFalse();
  }

  @Test
  void aListenerWhoseOriginMayNotGetTheTokensIsRefused() throws Exception {
    String refusal =
        "listeners[1].origin: got 'mail.evil.example:587'; expected a host that may get the tokens"
            + " of the accounts: *.office365.com, *.office.com, *.outlook.com,"
            + " outlook.cloud.microsoft; set 'signIn: false' here, or add an account with"
            + " 'upstream' for this origin; if the mailboxes are there, add the host to"
            + " 'signIn.origins'";
    String[] origins = {"smtp.office365.com:587", "mail.evil.example:587"};
    assertThat(problems(yaml(TENANT, "accounts: [" + BY_TOKEN + "]", origins)))
        .containsExactly(refusal);
    Path file = privately("accounts.yaml", "accounts: [" + BY_TOKEN + "]\n");
    assertThat(problems(yaml(TENANT, "accountsFile: '" + file + "'", origins)))
        .containsExactly(refusal);
    assertThat(
            problems(
                yaml(
                    TENANT + ", authority: 'https://login.sovereign.example'",
                    "accounts: [" + BY_TOKEN + "]",
                    "smtp.sovereign.example:587",
                    "imap.sovereign.example:993")))
        .as("each of them could be the wrong one")
        .hasSize(2)
        .allMatch(problem -> problem.endsWith("add the host to 'signIn.origins'"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "accounts: [%1$s, %2$s]",
        "accounts: [%2$s]",
        "accountsFile: '/nowhere/accounts.yaml'",
      })
  void aListenerForAccountsWithPasswordsIsAllowed(String accounts) throws Exception {
    String origin = "smtp.azurecomm.net:587";
    assertThat(
            problems(
                yaml(
                    TENANT,
                    accounts.formatted(BY_TOKEN, byPassword(origin)),
                    "smtp.office365.com:587",
                    origin)))
        .isEmpty();
  }

  @Test
  void theRefusalNamesTheRemedy() throws Exception {
    String yaml = yaml(TENANT, "accounts: [" + BY_TOKEN + "]", "smtp.office365.com:587");
    assertThat(hosts(yaml).refusal(new HostPort("mail.evil.example", 587)).text())
        .isEqualTo(
            "mail.evil.example gets no token of tenant contoso.example; use a listener for the"
                + " tenant's origin; if this is one, add it to 'signIn.origins'; the tenant's tokens"
                + " go to *.office365.com, *.office.com, *.outlook.com, outlook.cloud.microsoft");
  }
}
