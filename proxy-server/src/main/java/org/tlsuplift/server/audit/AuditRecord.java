package org.tlsuplift.server.audit;

import java.lang.reflect.RecordComponent;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.Labelled;

/**
 * Somebody has changed something, or has tried to. Has no secrets.
 *
 * @param id begins with the time in hexadecimal digits, so that the order of ids is that of time
 * @param who the user, token or operating system's user; empty if unknown
 * @param role of that user or token; empty if it has none
 * @param from the address; empty for a command
 * @param action such as {@code configuration.reload}
 * @param object the changed object; may be empty
 * @param before in words; may be empty
 * @param after in words; may be empty
 */
public record AuditRecord(
    String id,
    Instant at,
    String who,
    String role,
    String from,
    Via via,
    String action,
    String object,
    String before,
    String after,
    Result result) {
  /** The names of the fields, in their order. */
  public static final List<String> FIELDS =
      Stream.of(AuditRecord.class.getRecordComponents()).map(RecordComponent::getName).toList();

  /** Longer texts are cut. */
  static final int MAX_TEXT = 2_000;

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final HexFormat HEX = HexFormat.of();

  public AuditRecord {
    who = cut(who);
    object = cut(object);
    before = cut(before);
    after = cut(after);
  }

  /** The way to TLS Uplift. */
  public enum Via implements Labelled {
    PAGES,
    API,
    COMMAND
  }

  /** What became of it. */
  public enum Result implements Labelled {
    /** The change was made. */
    DONE,
    /** The request was refused, and nothing has changed. */
    REFUSED,
    /** The change failed; a part of it may have been made. */
    FAILED
  }

  /**
   * What an action changed.
   *
   * @param object the changed object; may be empty
   * @param before in words, without secrets; may be empty
   * @param after in words, without secrets; may be empty
   */
  public record Change(String object, String before, String after, Result result) {
    /** A change that was made. */
    public static Change done(String object, String before, String after) {
      return new Change(object, before, after, Result.DONE);
    }

    /** Nothing was changed, for this reason. */
    public static Change refused(String object, String reason) {
      return new Change(object, "", reason, Result.REFUSED);
    }
  }

  /** A record of now or of an earlier time. */
  public static AuditRecord of(
      Instant at, String who, String role, String from, Via via, String action, Change change) {
    byte[] random = new byte[8];
    RANDOM.nextBytes(random);
    return new AuditRecord(
        HEX.toHexDigits(at.toEpochMilli(), 12) + HEX.formatHex(random),
        at,
        who,
        role,
        from,
        via,
        action,
        change.object(),
        change.before(),
        change.after(),
        change.result());
  }

  private static String cut(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 3) + "...";
  }

  /** The fields as texts, in the order of {@link #FIELDS}; the time in milliseconds. */
  public List<String> texts() {
    return List.of(
        id,
        Long.toString(at.toEpochMilli()),
        who,
        role,
        from,
        via.label(),
        action,
        object,
        before,
        after,
        result.label());
  }

  /** The same, by their names. */
  public Map<String, String> fields() {
    Map<String, String> fields = new LinkedHashMap<>();
    List<String> texts = texts();
    FIELDS.forEach(name -> fields.put(name, texts.get(fields.size())));
    return fields;
  }

  /**
   * The record with these texts.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static AuditRecord of(List<String> texts) {
    if (texts.size() != FIELDS.size()) {
      throw new IllegalArgumentException(
          "got " + texts.size() + " fields; expected " + FIELDS.size());
    }
    return new AuditRecord(
        texts.get(0),
        Instant.ofEpochMilli(Long.parseLong(texts.get(1))),
        texts.get(2),
        texts.get(3),
        texts.get(4),
        Via.valueOf(texts.get(5).toUpperCase(Locale.ROOT)),
        texts.get(6),
        texts.get(7),
        texts.get(8),
        texts.get(9),
        Result.valueOf(texts.get(10).toUpperCase(Locale.ROOT)));
  }

  /** One line for the journal. */
  String line() {
    return texts().stream()
        .map(field -> URLEncoder.encode(field, StandardCharsets.UTF_8))
        .collect(Collectors.joining("\t"));
  }

  /**
   * Reads a line of the journal.
   *
   * @throws IllegalArgumentException if it is none
   */
  static AuditRecord parse(String line) {
    return of(
        Stream.of(line.split("\t", -1))
            .map(field -> URLDecoder.decode(field, StandardCharsets.UTF_8))
            .toList());
  }
}
