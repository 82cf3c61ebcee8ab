package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.AddressRoutes;
import org.tlsuplift.proxy.route.SignableNames;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.microsoft365.PublishedList;

/** The destinations of routes. */
class ConfiguredRoutesTest {
  private static final PublishedList LIST = PublishedList.bundled(Cloud.WORLDWIDE);

  @Test
  void defaultRoutesConfineTheCa() throws Exception {
    SignableNames names = ConfiguredRoutes.of(ConfigLoader.loadDefault().config()).signableNames();
    assertThat(names.everything()).isFalse();
    assertThat(names.dnsSuffixes())
        .contains("outlook.com", "smtp.office365.com", "onmicrosoft.com")
        .doesNotContain("microsoft.com", "cloud.microsoft", "office365.com", "mx.microsoft");
    assertThat(names.permits("outlook.office365.com")).isTrue();
    assertThat(names.permits("bank.example")).isFalse();
  }

  /** For devices that are redirected on their way to an address, and name no host. */
  @Test
  void defaultRoutesNameTheHostsAtAnAddress() throws Exception {
    AddressRoutes routes = ConfiguredRoutes.of(ConfigLoader.loadDefault().config()).forAddresses();
    assertThat(routes.names(new HostPort("40.97.0.1", 587))).containsExactly("smtp.office365.com");
    assertThat(routes.names(new HostPort("2603:1006::1", 993)))
        .containsExactly("outlook.office365.com");
    assertThat(routes.names(new HostPort("52.96.0.10", 443)))
        .containsExactly("outlook.office.com", "outlook.office365.com", "outlook.cloud.microsoft");
    assertThat(routes.names(new HostPort("192.0.2.1", 443))).isEmpty();
  }

  @Test
  void defaultRoutesKeepRedirectedDevicesFromMxHosts() throws Exception {
    AddressRoutes routes = ConfiguredRoutes.of(ConfigLoader.loadDefault().config()).forAddresses();
    assertThat(routes.precheck(new HostPort("40.92.0.1", 25))).isPresent();
    assertThat(routes.precheck(new HostPort("192.0.2.1", 25))).isPresent();
    assertThat(routes.precheck(new HostPort("192.0.2.1", 587))).isEmpty();
  }

  /** Microsoft publishes a pattern only for the hosts at these addresses. */
  @Test
  void theOriginsCertificateNamesAnMxHost() {
    AddressRoutes routes =
        ConfiguredRoutes.of(
                List.of(
                    new RouteConfig(
                        List.of("microsoft365:mx"),
                        Action.BRIDGE,
                        WhenModern.TUNNEL,
                        null,
                        new EgressConfig(null, null))),
                LIST)
            .forAddresses();
    assertThat(routes.precheck(new HostPort("40.92.0.1", 25))).isEmpty();
    assertThat(routes.names(new HostPort("40.92.0.1", 25))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "microsoft365",
        "microsoft365:exchange",
        "microsoft365:sharepoint",
        "microsoft365:mx",
        "microsoft365:all",
        "microsoft365:hve",
        "azure-communication",
        "google:mail",
        "intranet:443",
        "mail.contoso.example:25,587"
      })
  void acceptsListsAndHosts(String to) {
    ConfiguredRoutes.check(to);
    assertThat(ConfiguredRoutes.destinations(to, LIST)).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "microsoft365:exhange | no endpoint list has this name; did you mean 'microsoft365:exchange'?",
        "microsoft365-exchange | no endpoint list has this name; did you mean 'microsoft365:exchange'?",
        "Microsoft365:All | no endpoint list has this name; did you mean 'microsoft365:all'?",
        "azurecommunication | no endpoint list has this name; did you mean 'azure-communication'?",
        "microsoft365:teams | no endpoint list has this name; the lists are microsoft365, microsoft365:exchange, microsoft365:sharepoint, microsoft365:mx, microsoft365:all, microsoft365:hve, azure-communication, google:mail",
        "google:mial | no endpoint list has this name; did you mean 'google:mail'?",
        "google:mail:587 | a list has its own ports; write 'google:mail'",
        "microsoft365:443 | a list has its own ports; write 'microsoft365'",
        "microsoft365:exchange:443 | a list has its own ports; write 'microsoft365:exchange'",
        "azure-communication:587 | a list has its own ports; write 'azure-communication'",
        "intranet | no endpoint list has this name; write a host without a dot with its port, such as 'intranet:443'",
      })
  void namesTheRemedyForAWrongList(String to, String why) {
    assertThatThrownBy(() -> ConfiguredRoutes.check(to))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(why);
  }

  @ParameterizedTest
  @CsvSource({
    "microsoft365, false",
    "microsoft365:all, false",
    "azure-communication, false",
    "google:mail, false",
    "crl.example:80, true",
    "crl.example, false",
    "'[2001:db8::/32]:80', true"
  })
  void findsEntriesThatNameTheirPorts(String to, boolean named) {
    assertThat(ConfiguredRoutes.namesPorts(to)).isEqualTo(named);
  }
}
