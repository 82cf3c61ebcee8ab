package org.tlsuplift.server.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
import org.tlsuplift.server.background.Schedule;

/**
 * Requests a reload when the content of the configuration or of a file that it names has changed,
 * and two checks in a row have found the same content. So a half-written file is not loaded.
 *
 * <p>Times and names of files mislead: Kubernetes replaces a link to a directory, so neither the
 * file's time nor its folder changes. The content is compared by digest, each second.
 */
public final class ConfigWatch {
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final int MAX_BYTES = 1 << 20;

  private final Supplier<List<Path>> files;
  private final Runnable reload;
  private String known;
  private String seen;

  /**
   * Takes the present content as known, and starts nothing yet.
   *
   * @param files the files to watch now; a link is followed
   * @param reload may block
   */
  public ConfigWatch(Supplier<List<Path>> files, Runnable reload) {
    this.files = files;
    this.reload = reload;
    this.known = digest();
    this.seen = known;
  }

  /** Checks each second. */
  public void start(Schedule schedule) {
    schedule.every(PERIOD, PERIOD, "the check of the configuration", this::look);
  }

  synchronized void look() {
    String now = digest();
    boolean settled = now.equals(seen);
    seen = now;
    if (settled && !now.equals(known)) {
      known = now;
      reload.run();
      // Another configuration may name other files.
      known = digest();
      seen = known;
    }
  }

  private String digest() {
    MessageDigest digest = sha256();
    for (Path file : files.get()) {
      digest.update(file.toString().getBytes(StandardCharsets.UTF_8));
      try {
        byte[] content;
        try (var in = Files.newInputStream(file)) {
          content = in.readNBytes(MAX_BYTES + 1);
        }
        digest.update((byte) 1);
        digest.update(content);
      } catch (IOException unreadable) {
        digest.update((byte) 0);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("SHA-256 is in every Java runtime", impossible);
    }
  }
}
