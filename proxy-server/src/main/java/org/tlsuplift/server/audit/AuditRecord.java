package org.tlsuplift.server.audit;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
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
  /** Longer texts are cut. */
  static final int MAX_TEXT = 2_000;

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final HexFormat HEX = HexFormat.of();
  private static final int FIELDS = 11;

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

  /** One line for the journal. */
  String line() {
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
            result.label())
        .stream()
        .map(field -> URLEncoder.encode(field, StandardCharsets.UTF_8))
        .collect(Collectors.joining("\t"));
  }

  /**
   * Reads a line of the journal.
   *
   * @throws IllegalArgumentException if it is none
   */
  static AuditRecord parse(String line) {
    List<String> fields = new ArrayList<>();
    for (String field : line.split("\t", -1)) {
      fields.add(URLDecoder.decode(field, StandardCharsets.UTF_8));
    }
    if (fields.size() != FIELDS) {
      throw new IllegalArgumentException("got " + fields.size() + " fields; expected " + FIELDS);
    }
    return new AuditRecord(
        fields.get(0),
        Instant.ofEpochMilli(Long.parseLong(fields.get(1))),
        fields.get(2),
        fields.get(3),
        fields.get(4),
        Via.valueOf(fields.get(5).toUpperCase(Locale.ROOT)),
        fields.get(6),
        fields.get(7),
        fields.get(8),
        fields.get(9),
        Result.valueOf(fields.get(10).toUpperCase(Locale.ROOT)));
  }
}
