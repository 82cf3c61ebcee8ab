package org.tlsuplift.server.backup;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * The first entry of a backup: where it was made, and the name, size and digest of each entry that
 * follows, in their order.
 *
 * @param created the time, in ISO 8601
 * @param program the program and its version
 * @param dataDirectory an absolute path
 * @param configuration the entry with the configuration; empty for the built-in default
 * @param signer the fingerprint of the key that has signed the manifest; empty if none has
 */
public record Manifest(
    String created,
    String program,
    String dataDirectory,
    String configuration,
    String signer,
    List<Entry> entries) {
  static final String NAME = "MANIFEST";
  static final int MAX_BYTES = 32 << 20;

  /** The entries after a signed manifest. */
  static final String SIGNER = "SIGNER.pgp";

  static final String SIGNATURE = "MANIFEST.sig";
  static final int MAX_SIGNATURE = 64 << 10;

  private static final String UNSIGNED = "TLS Uplift backup, format 1";
  private static final String SIGNED = "TLS Uplift backup, format 2";
  private static final int UNSIGNED_LINES = 6;
  private static final int MAX_ENTRIES = 100_000;
  private static final long MAX_FILE = 16 << 20;
  private static final long MAX_INVENTORY = 64L << 30;
  private static final Pattern ENTRY = Pattern.compile("([0-9a-f]{64})  ([0-9]{1,12})  (.+)");

  public Manifest {
    entries = List.copyOf(entries);
  }

  /**
   * An entry.
   *
   * @param size in bytes
   */
  public record Entry(String name, long size, String sha256) {}

  public boolean isSigned() {
    return !signer.isEmpty();
  }

  byte[] encode() {
    StringBuilder text =
        new StringBuilder(
            "%s\ncreated: %s\nprogram: %s\ndata-directory: %s\nconfiguration: %s\n%s\n"
                .formatted(
                    isSigned() ? SIGNED : UNSIGNED,
                    created,
                    program,
                    dataDirectory,
                    configuration,
                    isSigned() ? "signer: " + signer + "\n" : ""));
    entries.forEach(
        entry ->
            text.append(entry.sha256())
                .append("  ")
                .append(entry.size())
                .append("  ")
                .append(entry.name())
                .append('\n'));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads and checks a manifest.
   *
   * @throws OperatorException if it has another format, or an entry that is not allowed
   */
  static Manifest parse(byte[] bytes) throws OperatorException {
    List<String> lines;
    try {
      lines =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes))
              .toString()
              .lines()
              .toList();
    } catch (CharacterCodingException foreign) {
      throw foreign();
    }
    if (lines.size() < UNSIGNED_LINES || !lines.get(0).startsWith("TLS Uplift backup, ")) {
      throw foreign();
    }
    boolean signed = lines.get(0).equals(SIGNED);
    if (!signed && !lines.get(0).equals(UNSIGNED)) {
      throw new OperatorException(
          "a newer version of TLS Uplift made this backup ("
              + lines.get(0)
              + "); restore it with that version");
    }
    int head = signed ? UNSIGNED_LINES + 1 : UNSIGNED_LINES;
    if (lines.size() < head) {
      throw foreign();
    }
    List<Entry> entries = entries(lines.subList(head, lines.size()));
    String configuration = value(lines.get(4), "configuration");
    if (!configuration.isEmpty()
        && entries.stream().noneMatch(entry -> entry.name().equals(configuration))) {
      throw foreign();
    }
    return new Manifest(
        value(lines.get(1), "created"),
        value(lines.get(2), "program"),
        value(lines.get(3), "data-directory"),
        configuration,
        signed ? signer(lines.get(5)) : "",
        entries);
  }

  private static String signer(String line) throws OperatorException {
    String signer = value(line, "signer");
    if (!signer.matches("[0-9A-F]{40}")) {
      throw foreign();
    }
    return signer;
  }

  private static List<Entry> entries(List<String> lines) throws OperatorException {
    if (lines.size() > MAX_ENTRIES) {
      throw new OperatorException(
          "the backup has %d entries; at most %d are allowed".formatted(lines.size(), MAX_ENTRIES));
    }
    List<Entry> entries = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (String line : lines) {
      Matcher entry = ENTRY.matcher(line);
      if (!entry.matches()) {
        throw foreign();
      }
      String name = entry.group(3);
      EntryName.check(name);
      // Some file systems ignore case.
      if (!names.add(name.toLowerCase(Locale.ROOT))) {
        throw new OperatorException("the backup has two entries with the name '" + name + "'");
      }
      entries.add(sized(new Entry(name, Long.parseLong(entry.group(2)), entry.group(1))));
    }
    return entries;
  }

  /** Refuses an entry that is too large, in a backup and in a restore. */
  static Entry sized(Entry entry) throws OperatorException {
    long limit =
        entry.name().equals(EntryName.DATA + EntryName.INVENTORY) ? MAX_INVENTORY : MAX_FILE;
    if (entry.size() > limit) {
      throw new OperatorException(
          "%s is too large for a backup: %d bytes; at most %d are allowed"
              .formatted(entry.name(), entry.size(), limit));
    }
    return entry;
  }

  private static String value(String line, String key) throws OperatorException {
    if (!line.startsWith(key + ": ")) {
      throw foreign();
    }
    return line.substring(key.length() + 2);
  }

  static OperatorException foreign() {
    return new OperatorException(
        "the file can be decrypted, but it is not a backup of TLS Uplift; nothing was written");
  }
}
