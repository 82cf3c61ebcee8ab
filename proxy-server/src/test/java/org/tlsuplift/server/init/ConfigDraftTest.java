package org.tlsuplift.server.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.TokenHosts;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.microsoft365.ListName;
import org.tlsuplift.server.microsoft365.PublishedList;

/** The configuration that is written. */
class ConfigDraftTest {
  private static final String PASSWORD = "made";
  private static final Path FILE = Path.of("/etc/it's here/tls-uplift.yaml");
  private static final String MX_HOST = "contoso-com.mail.protection.outlook.com";

  @Test
  void everyCombinationOfWaysCanBeRun() throws Exception {
    for (Set<WayIn> ways : everyCombination()) {
      LoadedConfig loaded = load(ways);

      assertThat(loaded.config().listeners()).as(ways.toString()).isNotEmpty();
      assertThat(loaded.warnings().stream().map(ConfigProblem::path))
          .as(ways.toString())
          .allMatch(
              path ->
                  (ways.contains(WayIn.ANTIQUE) && path.endsWith(".profile"))
                      || (ways.contains(WayIn.SIGN_IN) && path.equals("signIn.accountsFile")));
    }
  }

  @Test
  void hasOnlyTheChosenListeners() throws Exception {
    ServerConfig config = load(EnumSet.of(WayIn.SCAN_TO_MAIL)).config();

    assertThat(config.dataDirectory()).isEqualTo(FILE.resolveSibling("data"));
    assertThat(config.signIn()).isNull();
    assertThat(config.listeners().stream().map(ListenerConfig::name))
        .containsExactly("submission", "smtps");
    assertThat(config.listeners())
        .allMatch(each -> each.certificate().serverNames().equals(List.of("uplift", "192.168.1.5")))
        .noneMatch(ListenerConfig::signIn);
    assertThat(config.admin().serverNames()).containsExactly("uplift", "192.168.1.5");
  }

  @Test
  void signsDevicesInOnEveryPortForMail() throws Exception {
    ServerConfig config =
        load(EnumSet.of(WayIn.SIGN_IN, WayIn.MAILBOXES, WayIn.PROXY, WayIn.ANTIQUE)).config();

    assertThat(config.listeners().stream().filter(ListenerConfig::signIn).map(ListenerConfig::name))
        .containsExactly("submission", "smtps", "imaps", "pop3s", "antique-mail");
    assertThat(config.signIn()).isNotNull();
    assertThat(config.signIn().tenants().get(0).tenant()).isEqualTo("contoso.com");
    assertThat(config.signIn().accountsFile()).isEqualTo(FILE.resolveSibling("data/accounts.yaml"));
  }

  @Test
  void opensOnlyTheMxHostForDirectSend() throws Exception {
    for (Set<WayIn> ways :
        List.of(EnumSet.of(WayIn.DIRECT_SEND), EnumSet.of(WayIn.DIRECT_SEND, WayIn.ANTIQUE))) {
      ServerConfig config = load(ways).config();

      assertThat(config.listeners())
          .allSatisfy(
              each -> {
                assertThat(each.origin()).hasToString(MX_HOST + ":25");
                assertThat(each.service().protocol()).isEqualTo(ListenerConfig.Protocol.SMTP);
                assertThat(senders(each))
                    .containsExactly("scanner@contoso.com", "@scan.contoso.com");
              });
      assertThat(config.routes())
          .singleElement()
          .extracting(route -> route.to())
          .hasToString("[" + MX_HOST + ":25]");
    }
  }

  /** A device could use a port without them. */
  @Test
  void limitsTheSendersOfEveryPortForSmtp() throws Exception {
    Set<WayIn> ways = EnumSet.allOf(WayIn.class);

    assertThat(load(ways).config().listeners())
        .filteredOn(each -> !senders(each).isEmpty())
        .extracting(ListenerConfig::name)
        .containsExactly(
            "web",
            "socks",
            "submission",
            "smtps",
            "direct-send",
            "redirected",
            "antique-web",
            "antique-mail",
            "antique-direct-send");
    ways.remove(WayIn.DIRECT_SEND);
    assertThat(load(ways).config().listeners()).allMatch(each -> senders(each).isEmpty());
  }

  /** The MX host accepts no password, so there is none to translate. */
  @Test
  void doesNotSignInForDirectSend() throws Exception {
    assertThat(load(EnumSet.allOf(WayIn.class)).config().listeners())
        .filteredOn(each -> each.name().endsWith("direct-send"))
        .hasSize(2)
        .noneMatch(ListenerConfig::signIn);
  }

  @Test
  void listensOnBothFamiliesWhereDevicesUseAnAddressOfIpv6() throws Exception {
    Choices choices =
        new Choices(
            FILE,
            FILE.resolveSibling("data"),
            List.of("fd00::7"),
            EnumSet.of(WayIn.HTTPS),
            null,
            null,
            null,
            null,
            Cloud.WORLDWIDE);
    assertThat(parse(choices).config().listeners().get(0).bind()).hasToString("[[::]:8443]");
  }

  /** A listener of another cloud gets no token, and its routes do not allow its host. */
  @ParameterizedTest
  @EnumSource(Cloud.class)
  void leadsToTheServersOfTheCloud(Cloud cloud) throws Exception {
    Set<WayIn> ways = EnumSet.allOf(WayIn.class);
    ways.remove(WayIn.DIRECT_SEND);
    Choices usual = choices(ways);
    ServerConfig config =
        parse(
                new Choices(
                    FILE,
                    usual.data(),
                    usual.names(),
                    ways,
                    new Choices.SignIn(
                        "contoso.com",
                        Choices.SignIn.PENDING,
                        null,
                        SignInConfig.Flow.DEVICE_CODE,
                        cloud,
                        null,
                        null,
                        false),
                    null,
                    usual.antique(),
                    null,
                    cloud))
            .config();
    SignInConfig signIn = config.signIn();
    EndpointList allowed = ListName.MICROSOFT365.select(PublishedList.bundled(cloud));

    assertThat(config.microsoft365().cloud()).isEqualTo(cloud);
    assertThat(signIn.tenants().get(0).cloud()).isEqualTo(cloud);
    assertThat(config.listeners())
        .filteredOn(ListenerConfig::signIn)
        .hasSize(5)
        .allMatch(
            each ->
                TokenHosts.of(signIn, signIn.tenants().get(0), config.listeners())
                    .allow(each.origin()));
    assertThat(config.listeners())
        .filteredOn(each -> each.origin() != null)
        .hasSize(7)
        .allMatch(each -> allowed.contains(each.origin()));
  }

  @Test
  void explainsEachKeyOnceAndStaysShort() {
    String text = ConfigDraft.of(choices(WayIn.usual()), PASSWORD);

    assertThat(text.lines().filter(line -> line.contains("accept:"))).hasSize(4);
    assertThat(text.lines().filter(line -> line.contains("# address and port"))).hasSize(1);
    assertThat(text).contains("tls-uplift manual configuration");
    assertThat(text.lines()).hasSizeLessThan(60).allMatch(line -> line.length() <= 120);
  }

  @Test
  void hasTheAdministratorOfThePages() throws Exception {
    Choices choices = choices(WayIn.usual());
    AdminConfig admin =
        parse(
                new Choices(
                    FILE,
                    choices.data(),
                    choices.names(),
                    choices.ways(),
                    null,
                    null,
                    null,
                    "o'neil",
                    Cloud.WORLDWIDE))
            .config()
            .admin();

    assertThat(admin.users())
        .singleElement()
        .satisfies(
            user -> {
              assertThat(user.name()).isEqualTo("o'neil");
              assertThat(user.role()).isEqualTo(Role.ADMINISTRATOR);
              assertThat(user.passwordHash().matches("made".toCharArray())).isTrue();
            });
    assertThat(admin.openMetrics()).as("Prometheus reads on as before").isTrue();
    assertThat(parse(choices).config().admin().users()).isEmpty();
  }

  private static List<String> senders(ListenerConfig listener) {
    return listener.mail() == null ? List.of() : List.copyOf(listener.mail().allowedSenders());
  }

  private static List<Set<WayIn>> everyCombination() {
    List<Set<WayIn>> combinations = new ArrayList<>(List.of(EnumSet.noneOf(WayIn.class)));
    for (WayIn way : WayIn.values()) {
      for (Set<WayIn> without : List.copyOf(combinations)) {
        Set<WayIn> with = EnumSet.of(way);
        with.addAll(without);
        combinations.add(with);
      }
    }
    combinations.remove(0);
    return combinations;
  }

  private static LoadedConfig load(Set<WayIn> ways) throws InvalidConfigException {
    return parse(choices(ways));
  }

  private static LoadedConfig parse(Choices choices) throws InvalidConfigException {
    return ConfigLoader.parse(ConfigDraft.of(choices, PASSWORD), "the draft");
  }

  private static Choices choices(Set<WayIn> ways) {
    return new Choices(
        FILE,
        FILE.resolveSibling("data"),
        List.of("uplift", "192.168.1.5"),
        ways,
        signIn(ways),
        ways.contains(WayIn.DIRECT_SEND)
            ? new Choices.DirectSend(MX_HOST, List.of("scanner@contoso.com", "@scan.contoso.com"))
            : null,
        ways.contains(WayIn.ANTIQUE)
            ? new Choices.Antique(
                List.of(Cidr.parse("10.1.2.0/28")),
                LocalDate.now(ZoneId.systemDefault()).plusDays(9))
            : null,
        null,
        Cloud.WORLDWIDE);
  }

  private static Choices.@Nullable SignIn signIn(Set<WayIn> ways) {
    return ways.contains(WayIn.SIGN_IN)
        ? new Choices.SignIn(
            "contoso.com",
            "11111111-2222-3333-4444-555555555555",
            SignInConfig.Flow.DEVICE_CODE,
            null)
        : null;
  }
}
