package org.tlsuplift.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.Action;

class SignableNamesTest {
  private static SignableNames signable(Action action, String... to) {
    List<Destination> destinations = Arrays.stream(to).map(Destination::parse).toList();
    Route route =
        new Route(new EndpointList("test", destinations), action, WhenModern.TUNNEL, null, null);
    return new RouteTable(List.of(route)).signableNames();
  }

  @Test
  void followsTheBridgingRoutes() {
    assertThat(
            signable(
                Action.BRIDGE,
                "*.outlook.com",
                "mail.outlook.com",
                "autodiscover.*.onmicrosoft.com",
                "*cdn.onenote.net",
                "smtp.office365.com:587",
                "10.0.0.0/8",
                "2001:db8::1"))
        .isEqualTo(
            new SignableNames(
                List.of("onenote.net", "onmicrosoft.com", "outlook.com", "smtp.office365.com"),
                List.of("10.0.0.0/8", "2001:db8:0:0:0:0:0:1/128"),
                false));
  }

  @Test
  void excludesHostsThatAreNotBridged() {
    for (Action action : List.of(Action.TUNNEL, Action.FORWARD, Action.DENY)) {
      assertThat(signable(action, "*.outlook.com", "10.0.0.0/8", "*"))
          .isEqualTo(new SignableNames(List.of(), List.of(), false));
    }
  }

  @Test
  void areUnboundedIfEveryHostIsBridged() {
    SignableNames all = signable(Action.BRIDGE, "*.outlook.com", "*");
    assertThat(all).isEqualTo(new SignableNames(List.of(), List.of(), true));
    assertThat(all.permits("anything.example")).isTrue();
    assertThat(all.with(List.of("mail.corp.example"))).isEqualTo(all);
  }

  @Test
  void includesTheNamesOfAListener() {
    SignableNames names =
        signable(Action.BRIDGE, "*.outlook.com")
            .with(List.of("printers.corp.example", "192.0.2.7", "x.outlook.com"));
    assertThat(names)
        .isEqualTo(
            new SignableNames(
                List.of("outlook.com", "printers.corp.example"), List.of("192.0.2.7/32"), false));
    assertThat(names.permits("a.b.outlook.com")).isTrue();
    assertThat(names.permits("outlook.com")).isTrue();
    assertThat(names.permits("evil-outlook.com")).isFalse();
    assertThat(names.permits("192.0.2.7")).isTrue();
    assertThat(names.permits("192.0.2.8")).isFalse();
  }

  @Test
  void permitsEveryHostThatThePatternsOfMicrosoftMean() throws IOException {
    String[] patterns = HostPatternTest.microsoftPatterns().toArray(String[]::new);
    SignableNames names = signable(Action.BRIDGE, patterns);
    assertThat(patterns).allMatch(pattern -> names.permits(pattern.replace("*", "a.b")));
    assertThat(names.everything()).isFalse();
  }
}
