package org.tlsuplift.server.inventory;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * What people know about a device. Each text is one line and may be empty.
 *
 * @param owner a person, a team or a mail address
 * @param place where it stands
 * @param tags in alphabetical order
 * @param note anything else
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record DeviceNotes(String owner, String place, List<String> tags, String note) {
  /** The names of the fields, in the order of {@link #values}. */
  public static final List<String> FIELDS = List.of("owner", "place", "tags", "note");

  /** The most characters of each field. */
  public static final List<Integer> LIMITS = List.of(254, 100, 8 * 33 - 1, 500);

  /** What a tag may be. */
  public static final String TAG = "[a-z0-9-]{1,32}";

  public static final DeviceNotes NONE = new DeviceNotes("", "", List.of(), "");

  private static final int MAX_TAGS = 8;

  public DeviceNotes {
    tags = List.copyOf(tags);
  }

  /** A field that differs. */
  public record Difference(String field, String before, String after) {}

  /**
   * These notes with other values.
   *
   * @param values as a person wrote them, by field; a missing field stays as it is
   * @throws IllegalArgumentException if one is not allowed; the message names the field
   */
  public DeviceNotes with(Map<String, String> values) {
    List<String> all =
        IntStream.range(0, FIELDS.size())
            .mapToObj(i -> text(FIELDS.get(i), values.getOrDefault(FIELDS.get(i), values().get(i))))
            .toList();
    return new DeviceNotes(all.get(0), all.get(1), tags(all.get(2)), all.get(3));
  }

  private static String text(String field, String written) {
    String line = written.replaceAll("\\s+", " ").strip();
    int most = LIMITS.get(FIELDS.indexOf(field));
    if (line.length() > most || line.matches(".*\\p{Cntrl}.*")) {
      throw new IllegalArgumentException(field + ": at most " + most + " printable characters");
    }
    return line;
  }

  private static List<String> tags(String words) {
    TreeSet<String> tags = new TreeSet<>(List.of(words.split("[ ,;]+")));
    tags.remove("");
    if (tags.size() > MAX_TAGS || !tags.stream().allMatch(tag -> tag.matches(TAG))) {
      throw new IllegalArgumentException(
          "tags: at most "
              + MAX_TAGS
              + ", each with 1 to 32 of the characters a-z, 0-9 and '-', separated by spaces");
    }
    return List.copyOf(tags);
  }

  /** The texts of the fields, with the tags in one line. */
  public List<String> values() {
    return List.of(owner, place, String.join(" ", tags), note);
  }

  /** The fields that other notes have differently. */
  public List<Difference> differences(DeviceNotes other) {
    return IntStream.range(0, FIELDS.size())
        .mapToObj(i -> new Difference(FIELDS.get(i), values().get(i), other.values().get(i)))
        .filter(each -> !each.before().equals(each.after()))
        .toList();
  }

  /** Another text for other notes: a form has it, so that it does not overwrite later changes. */
  public String version() {
    byte[] all = String.join("\n", values()).getBytes(StandardCharsets.UTF_8);
    return UUID.nameUUIDFromBytes(all).toString();
  }
}
