package org.tlsuplift.server.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.web.Answer;
import org.tlsuplift.server.web.Resource;
import org.tlsuplift.server.web.Route;

class RoutesTest {
  private static final Resource ONE = request -> Answer.line(200, "one");
  private static final Resource OTHER = request -> Answer.line(200, "other");

  private final Routes routes =
      new Routes(
          List.of(
              new Route("/devices", ONE),
              new Route("/devices/{address}", ONE),
              new Route("/devices/{address}/days.csv", OTHER),
              new Route("/devices/new", OTHER)));

  @Test
  void findsPathsWithoutVariableFirst() {
    assertThat(routes.find("/devices/new")).contains(new Routes.Match(OTHER, ""));
    assertThat(routes.find("/devices")).contains(new Routes.Match(ONE, ""));
  }

  @Test
  void decodesTheVariable() {
    assertThat(routes.find("/devices/10.1.2.3")).contains(new Routes.Match(ONE, "10.1.2.3"));
    assertThat(routes.find("/devices/fd00%3A%3a1")).contains(new Routes.Match(ONE, "fd00::1"));
    assertThat(routes.find("/devices/a+b%2Fc")).contains(new Routes.Match(ONE, "a+b/c"));
    assertThat(routes.find("/devices/x/days.csv")).contains(new Routes.Match(OTHER, "x"));
  }

  @Test
  void aVariableIsOneSegmentThatIsNotEmpty() {
    for (String path :
        List.of("/devices/", "/devices/a/b", "/devices//days.csv", "/device", "/", "", "*")) {
      assertThat(routes.find(path)).as(path).isEmpty();
    }
  }

  @Test
  void somebodyMayAnswerWhereverNobodyElseDoesButForScripts() {
    Routes all =
        new Routes(List.of(new Route("/devices", ONE), new Route(Route.ANYWHERE_ELSE, OTHER)));
    assertThat(all.find("/devices")).contains(new Routes.Match(ONE, ""));
    for (String path : List.of("/", "/device", "/devices/a/b", "/favicon.ico")) {
      assertThat(all.find(path)).as(path).contains(new Routes.Match(OTHER, ""));
    }
    for (String path : List.of("/api", "/api/nothing")) {
      assertThat(all.find(path)).as(path).isEmpty();
    }
  }

  @Test
  void refusesWhatIsNotPercentEncodedAsItShouldBe() {
    assertThatIllegalArgumentException().isThrownBy(() -> routes.find("/devices/%zz"));
    assertThatIllegalArgumentException().isThrownBy(() -> routes.find("/devices/%2"));
  }

  @Test
  void refusesPatternsItWouldNotMatchAsMeant() {
    for (String pattern : List.of("", "x", "/x/", "/{a}/{b}", "/a{b}", "/{A}", "//", "/a?b")) {
      assertThatIllegalArgumentException()
          .as(pattern)
          .isThrownBy(() -> new Route(pattern, ONE))
          .withMessageContaining(pattern);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Routes(List.of(new Route("/a", ONE), new Route("/a", OTHER))));
  }
}
