package org.tlsuplift.proxy.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListingTest {
  @Test
  void showsTheFirstAndCountsTheRest() {
    assertThat(Listing.of(List.of(), ", ", 2)).isEmpty();
    assertThat(Listing.of(List.of("a", "b"), ", ", 2)).isEqualTo("a, b");
    assertThat(Listing.of(Collections.nCopies(2000, "a"), "; ", 2)).isEqualTo("a; a and 1998 more");
  }
}
