package org.tlsuplift.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.feature.Role;

class ResourceTableTest {
  private static final Resource ONE = request -> Response.line(200, "one");
  private static final Resource OTHER = request -> Response.line(200, "other");

  private final ResourceTable resourceTable =
      new ResourceTable(
          List.of(
              new ResourcePath("/devices", ONE),
              new ResourcePath("/devices/{address}", ONE),
              new ResourcePath("/devices/{address}/days.csv", OTHER),
              new ResourcePath("/devices/new", OTHER)));

  @Test
  void findsPathsWithoutVariableFirst() {
    assertThat(resourceTable.find("/devices/new"))
        .contains(new ResourceTable.Match(OTHER, Role.VIEWER, ""));
    assertThat(resourceTable.find("/devices"))
        .contains(new ResourceTable.Match(ONE, Role.VIEWER, ""));
  }

  @Test
  void decodesTheVariable() {
    assertThat(resourceTable.find("/devices/10.1.2.3"))
        .contains(new ResourceTable.Match(ONE, Role.VIEWER, "10.1.2.3"));
    assertThat(resourceTable.find("/devices/fd00%3A%3a1"))
        .contains(new ResourceTable.Match(ONE, Role.VIEWER, "fd00::1"));
    assertThat(resourceTable.find("/devices/a+b%2Fc"))
        .contains(new ResourceTable.Match(ONE, Role.VIEWER, "a+b/c"));
    assertThat(resourceTable.find("/devices/x/days.csv"))
        .contains(new ResourceTable.Match(OTHER, Role.VIEWER, "x"));
  }

  @Test
  void aVariableIsOneSegmentThatIsNotEmpty() {
    for (String path :
        List.of("/devices/", "/devices/a/b", "/devices//days.csv", "/device", "/", "", "*")) {
      assertThat(resourceTable.find(path)).as(path).isEmpty();
    }
  }

  @Test
  void fallbackServesAllOtherPathsExceptTheApi() {
    ResourceTable all =
        new ResourceTable(
            List.of(
                new ResourcePath("/devices", ONE), new ResourcePath(ResourcePath.FALLBACK, OTHER)));
    assertThat(all.find("/devices")).contains(new ResourceTable.Match(ONE, Role.VIEWER, ""));
    for (String path : List.of("/", "/device", "/devices/a/b", "/favicon.ico")) {
      assertThat(all.find(path)).as(path).contains(new ResourceTable.Match(OTHER, Role.VIEWER, ""));
    }
    for (String path : List.of("/api", "/api/nothing")) {
      assertThat(all.find(path)).as(path).isEmpty();
    }
  }

  @Test
  void aPathServesAllPathsBelowItThatHaveNoResourceOfTheirOwn() {
    ResourceTable below =
        new ResourceTable(
            List.of(
                new ResourcePath("/manual/*", ONE),
                new ResourcePath("/manual/new", OTHER),
                new ResourcePath(ResourcePath.FALLBACK, OTHER)));
    for (String path : List.of("/manual/", "/manual/a", "/manual/a/b%2F", "/manual/new/a")) {
      assertThat(below.find(path)).as(path).contains(new ResourceTable.Match(ONE, Role.VIEWER, ""));
    }
    for (String path : List.of("/manual", "/manuals/a", "/manual/new", "/")) {
      assertThat(below.find(path))
          .as(path)
          .contains(new ResourceTable.Match(OTHER, Role.VIEWER, ""));
    }
  }

  @Test
  void refusesMalformedPercentEncoding() {
    assertThatIllegalArgumentException().isThrownBy(() -> resourceTable.find("/devices/%zz"));
    assertThatIllegalArgumentException().isThrownBy(() -> resourceTable.find("/devices/%2"));
  }

  @Test
  void refusesPatternsItWouldNotMatchAsMeant() {
    for (String pattern :
        List.of("", "x", "/x/", "/{a}/{b}", "/a{b}", "/{A}", "//", "/a?b", "/a*", "/{a}/*")) {
      assertThatIllegalArgumentException()
          .as(pattern)
          .isThrownBy(() -> new ResourcePath(pattern, ONE))
          .withMessageContaining(pattern);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new ResourceTable(
                    List.of(new ResourcePath("/a", ONE), new ResourcePath("/a", OTHER))));
  }
}
