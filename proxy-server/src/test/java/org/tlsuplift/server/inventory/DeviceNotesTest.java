package org.tlsuplift.server.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.inventory.DeviceNotes.Difference;

/** What people may write about a device. */
class DeviceNotesTest {
  @Test
  void sortsTagsAndJoinsLines() {
    DeviceNotes notes =
        DeviceNotes.NONE.with(
            Map.of("owner", " it@contoso.com ", "tags", "vip, printers;vip", "note", "a\r\n\tb"));
    assertThat(notes.values()).containsExactly("it@contoso.com", "", "printers vip", "a b");
    assertThat(notes.with(Map.of("tags", "")).values())
        .containsExactly("it@contoso.com", "", "", "a b");
    assertThat(notes.with(Map.of())).isEqualTo(notes);
  }

  @ParameterizedTest
  @CsvSource({"owner,254", "place,100", "note,500"})
  void boundsEachText(String field, int most) {
    assertThat(DeviceNotes.NONE.with(Map.of(field, "x".repeat(most))).values())
        .contains("x".repeat(most));
    assertThatThrownBy(() -> DeviceNotes.NONE.with(Map.of(field, "x".repeat(most + 1))))
        .hasMessage(field + ": at most " + most + " printable characters");
    assertThatThrownBy(() -> DeviceNotes.NONE.with(Map.of(field, "a\u0000b")))
        .hasMessageStartingWith(field + ": ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Printers",
        "under_score",
        "a b c d e f g h i",
        "123456789012345678901234567890123",
        "dr\u00fccker"
      })
  void refusesOtherTags(String tags) {
    assertThatThrownBy(() -> DeviceNotes.NONE.with(Map.of("tags", tags)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("tags: at most 8");
  }

  @Test
  void namesTheDifferencesAndHasAVersionForEachState() {
    DeviceNotes before = DeviceNotes.NONE.with(Map.of("owner", "a", "place", "b"));
    DeviceNotes after = before.with(Map.of("place", "", "tags", "x-1"));
    assertThat(before.differences(after))
        .containsExactly(new Difference("place", "b", ""), new Difference("tags", "", "x-1"));
    assertThat(before.version())
        .isEqualTo(DeviceNotes.NONE.with(Map.of("owner", "a", "place", "b")).version())
        .isNotEqualTo(after.version())
        .isNotEqualTo(DeviceNotes.NONE.with(Map.of("owner", "", "place", "ab")).version());
  }
}
