package org.tlsuplift.server.audit;

import java.lang.reflect.RecordComponent;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.server.feature.Change;

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
    Change.Result result,
    String subject,
    String part,
    String instance) {
  /** The names of the fields, in their order. */
  public static final List<String> FIELDS =
      Stream.of(AuditRecord.class.getRecordComponents()).map(RecordComponent::getName).toList();

  /** Longer texts are cut. Enough for an account with all that a form can send. */
  static final int MAX_TEXT = 10_000;

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final HexFormat HEX = HexFormat.of();

  /** Lines of earlier versions, and those without a subject and a part. */
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
              change.object(),
              change.before(),
              change.after(),
              change.result(),
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
        result.label(),
        subject,
        part,
        instance);
  }

  /** The same, by their names. */
  public Map<String, String> fields() {
    Map<String, String> fields = new LinkedHashMap<>();
    List<String> texts = texts();
    FIELDS.forEach(name -> fields.put(name, texts.get(fields.size())));
    return fields;
  }

  /**
   * The record with these texts, one for each field.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static AuditRecord of(List<String> texts) {
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
        Change.Result.valueOf(texts.get(10).toUpperCase(Locale.ROOT)),
        texts.get(11),
        texts.get(12),
        texts.get(13));
  }

  /**
   * In place of a stored record that somebody damaged, so that the others can be read.
   *
   * @param content what is stored; cut
   */
  public static AuditRecord unreadable(String id, String content) {
    long at = id.matches("[0-9a-f]{12,}") ? HexFormat.fromHexDigitsToLong(id, 0, 12) : 0;
    return new AuditRecord(
        cut(id),
        Instant.ofEpochMilli(at),
        "",
        "",
        "",
        Via.COMMAND,
        "unreadable",
        "",
        "",
        "this record cannot be read: " + content,
        Change.Result.FAILED,
        "",
        "",
        "");
  }

  /** One line for the journal, which is that of one daemon. */
  String line() {
    return texts().subList(0, FIELDS.size() - 1).stream()
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
    List<String> texts = new ArrayList<>();
    for (String text : line.split("\t", -1)) {
      texts.add(URLDecoder.decode(text, StandardCharsets.UTF_8));
    }
    if (texts.size() < LEAST_FIELDS || texts.size() >= FIELDS.size()) {
      throw new IllegalArgumentException(
          "got " + texts.size() + " fields; expected " + (FIELDS.size() - 1));
    }
    texts.addAll(Collections.nCopies(FIELDS.size() - texts.size(), ""));
    return of(texts);
  }
}
