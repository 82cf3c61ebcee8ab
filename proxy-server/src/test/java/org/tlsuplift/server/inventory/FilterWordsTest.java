package org.tlsuplift.server.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.MessageOutcome;

class FilterWordsTest {
  /** The label of another version is in the database, so this word would select nothing. */
  @Test
  void refusesTheWordForLabelsOfAnotherVersion() {
    assertThat(FilterWords.parse(MessageOutcome.values(), "returned"))
        .isEqualTo(MessageOutcome.RETURNED);
    assertThatThrownBy(() -> FilterWords.parse(MessageOutcome.values(), "unknown"))
        .hasMessageStartingWith("got 'unknown'; expected accepted, ")
        .hasMessageEndingWith(", returned");
  }
}
