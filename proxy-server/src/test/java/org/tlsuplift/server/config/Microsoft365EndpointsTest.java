package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.AddressRoutes;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.proxy.route.SignableNames;
import org.tlsuplift.server.config.load.ConfigLoader;

/** The published endpoints of Microsoft 365. */
class Microsoft365EndpointsTest {
  @ParameterizedTest
  @CsvSource({
    "outlook.office365.com:443, true",
    "outlook.office365.com:993, true",
    "outlook.office365.com:995, true",
    "outlook.office365.com:25, false",
    "smtp.office365.com:587, true",
    "smtp.office365.com:25, false",
    "contoso.mail.protection.outlook.com:25, true",
    "autodiscover.contoso.onmicrosoft.com:443, true",
    "contoso.sharepoint.com:443, true",
    "sharepoint.com:443, false",
    "login.microsoftonline.com:443, true",
    "40.97.0.1:443, true",
    "40.97.0.1:22, false",
    "[2603:1006::1]:587, true",
    "192.0.2.1:443, false",
    "example.com:443, false",
  })
  void reachesWhatMicrosoftPublishes(String target, boolean reached) {
    assertThat(Microsoft365Endpoints.bundled().contains(HostPort.parse(target).orElseThrow()))
        .isEqualTo(reached);
  }

  @Test
  void holdsAllThatIsInTheFile() {
    EndpointList list = Microsoft365Endpoints.bundled();
    assertThat(list.name()).isEqualTo("microsoft365");
    Map<Boolean, Set<HostPattern>> hosts =
        list.destinations().stream()
            .map(Destination::hosts)
            .collect(
                Collectors.partitioningBy(
                    host -> host instanceof HostPattern.Subnet, Collectors.toSet()));
    assertThat(hosts.get(false)).hasSize(57);
    assertThat(hosts.get(true)).hasSize(61);
  }

  @Test
  void letsTheCertificateAuthorityBeConfined() throws Exception {
    SignableNames names =
        ConfiguredRoutes.of(ConfigLoader.loadDefault().config().routes()).signableNames();
    assertThat(names.everything()).isFalse();
    assertThat(names.dnsSuffixes()).contains("outlook.com", "office365.com", "onmicrosoft.com");
    assertThat(names.permits("outlook.office365.com")).isTrue();
    assertThat(names.permits("bank.example")).isFalse();
  }

  /** For devices that are redirected on their way to an address, and name no host. */
  @Test
  void tellsWhoIsAtAnAddress() throws Exception {
    AddressRoutes routes =
        ConfiguredRoutes.of(ConfigLoader.loadDefault().config().routes()).forAddresses();
    assertThat(routes.names(new HostPort("40.97.0.1", 587))).containsExactly("smtp.office365.com");
    assertThat(routes.names(new HostPort("2603:1006::1", 993)))
        .containsExactly("outlook.office365.com");
    assertThat(routes.names(new HostPort("52.96.0.10", 443)))
        .contains("outlook.office.com", "outlook.office365.com");
    // Only a pattern is published for those: the origin's certificate will tell.
    assertThat(routes.names(new HostPort("40.92.0.1", 25))).isEmpty();
    assertThat(routes.names(new HostPort("192.0.2.1", 443))).isEmpty();
  }

  @Test
  void leavesOutWhatHasNoTcpPorts() throws Exception {
    EndpointList list =
        Microsoft365Endpoints.read(
            json(
                """
                [{"id": 11, "ips": ["192.0.2.0/24"], "udpPorts": "3478"},
                 {"id": 12, "urls": ["*cdn.onenote.net"], "tcpPorts": "443"}]
                """));
    assertThat(list.destinations()).containsExactly(Destination.parse("*cdn.onenote.net"));
  }

  @Test
  void namesTheEntryThatIsWrong() {
    assertThatThrownBy(
            () ->
                Microsoft365Endpoints.read(
                    json("[{\"id\": 7, \"urls\": [\"a b\"], \"tcpPorts\": \"443\"}]")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("endpoint 7: 'a b' is neither");
    assertThatThrownBy(() -> Microsoft365Endpoints.read(json("{}")))
        .hasMessage("not a list of endpoints: a JSON array with entries");
  }

  private static InputStream json(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
