package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Parts that generations share are closed once, with the last generation. */
class GenerationsTest {
  private final List<String> closed = new ArrayList<>();
  private final Generations<List<AutoCloseable>> generations = new Generations<>(parts -> parts);

  private AutoCloseable part(String name) {
    return () -> closed.add(name);
  }

  @Test
  void closesASharedPartWithTheLastGeneration() {
    AutoCloseable shared = part("shared");
    List<AutoCloseable> first = List.of(part("first"), shared);
    List<AutoCloseable> second = List.of(part("second"), shared);
    generations.add(first);
    generations.add(second);
    assertThat(generations.ended(first)).isTrue();
    assertThat(closed).containsExactly("first");
    assertThat(generations.inUse()).containsExactly(second);
    assertThat(generations.ended(second)).isTrue();
    assertThat(closed).containsExactly("first", "second", "shared");
  }

  @Test
  void generationEndsOnlyOnce() {
    List<AutoCloseable> only = List.of(part("only"));
    generations.add(only);
    assertThat(generations.ended(only)).isTrue();
    assertThat(generations.ended(only)).isFalse();
    assertThat(closed).containsExactly("only");
  }

  @Test
  void closesTheOtherPartsIfOneFails() {
    AutoCloseable broken =
        () -> {
          throw new IllegalStateException("a fault of the test");
        };
    generations.add(List.of(broken, part("other")));
    generations.close();
    assertThat(closed).containsExactly("other");
    assertThat(generations.inUse()).isEmpty();
  }
}
