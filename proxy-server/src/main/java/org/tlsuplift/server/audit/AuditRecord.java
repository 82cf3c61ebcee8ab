package org.tlsuplift.server.audit;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.Labelled;

/**
 * Somebody has changed something, or has tried to. Has no secrets.
 *
 * @param id begins with the time in hexadecimal digits, so that the order of ids is that of time;
 *     the ids of what one action changed differ in their last four digits only
 * @param who the user, token or operating system's user; empty if unknown
 * @param role of that user or token; empty if it has none
 * @param from the address; empty for a command
 * @param action such as {@code configuration.reload}
 * @param object the changed object; may be empty
 * @param before in words; may be empty
 * @param after in words; may be empty
 * @param subject the issuer and the subject of a user of OpenID Connect, whose name may change;
 *     otherwise empty
 * @param part such as {@code 12 of 340}, if the action changed several objects; otherwise empty
 * @param instance the daemon that has the record; empty before, and for records of old versions
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
    Result result,
    String subject,
    String part,
    String instance) {
  /** Longer texts are cut. Enough for an account with all that a form can send. */
  static final int MAX_TEXT = 10_000;

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final HexFormat HEX = HexFormat.of();
  private static final int FIELDS = 13;

  /** Those of earlier versions, and without a subject and a part. */
  private static final int LEAST_FIELDS = 11;

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

  /**
   * Somebody who acts.
   *
   * @param who as {@link AuditRecord#who}
   * @param subject as {@link AuditRecord#subject}
   * @param role as {@link AuditRecord#role}
   * @param from as {@link AuditRecord#from}
   */
  public record Actor(String who, String subject, String role, String from, Via via) {}

  /** A record of now or of an earlier time. */
  public static AuditRecord of(
      Instant at, String who, String role, String from, Via via, String action, Change change) {
    return of(at, new Actor(who, "", role, from, via), action, List.of(change)).get(0);
  }

  /** The records of all that one action changed, in their order. */
  public static List<AuditRecord> of(Instant at, Actor actor, String action, List<Change> changes) {
    byte[] random = new byte[6];
    RANDOM.nextBytes(random);
    String ids = HEX.toHexDigits(at.toEpochMilli(), 12) + HEX.formatHex(random);
    List<AuditRecord> records = new ArrayList<>();
    for (Change change : changes) {
      int number = records.size() + 1;
      records.add(
          new AuditRecord(
              ids + HEX.toHexDigits((short) number),
              at,
              actor.who,
              actor.role,
              actor.from,
              actor.via,
              action,
              change.object,
              change.before,
              change.after,
              change.result,
              actor.subject,
              changes.size() == 1 ? "" : number + " of " + changes.size(),
              ""));
    }
    return records;
  }

  /** This record, in the log of this daemon. */
  public AuditRecord withInstance(String daemon) {
    return new AuditRecord(
        id, at, who, role, from, via, action, object, before, after, result, subject, part, daemon);
  }

  private static String cut(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 3) + "...";
  }

  /** One line for the journal, which is that of one daemon. */
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
            result.label(),
            subject,
            part)
        .stream()
        .map(field -> URLEncoder.encode(field, StandardCharsets.UTF_8))
        .collect(Collectors.joining("\t"))
        .stripTrailing();
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
    if (fields.size() < LEAST_FIELDS || fields.size() > FIELDS) {
      throw new IllegalArgumentException("got " + fields.size() + " fields; expected " + FIELDS);
    }
    fields.addAll(Collections.nCopies(FIELDS - fields.size(), ""));
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
        Result.valueOf(fields.get(10).toUpperCase(Locale.ROOT)),
        fields.get(11),
        fields.get(12),
        "");
  }
}
