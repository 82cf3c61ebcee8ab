package org.tlsuplift.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Closing in order. */
class OpenedResourcesTest {
  @Test
  void closesLastFirstAndOnceEvenIfOneFails() {
    List<String> closed = new ArrayList<>();
    OpenedResources opened = new OpenedResources();
    opened.add(() -> closed.add("first"));
    opened.add(
        () -> {
          throw new IllegalStateException("a test's own");
        });
    opened.add(() -> closed.add("last"));

    opened.close();
    opened.close();

    assertThat(closed).containsExactly("last", "first");
  }
}
