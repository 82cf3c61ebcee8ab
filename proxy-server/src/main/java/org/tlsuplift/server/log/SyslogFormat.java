package org.tlsuplift.server.log;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;

/**
 * Writes messages as RFC 5424 section 6 says, without structured data: receivers leave it out by
 * default, so keys and values are in the text.
 */
final class SyslogFormat {
  /** What rsyslog and syslog-ng accept by default, in bytes. */
  static final int MAX_LENGTH = 8_192;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final int FACILITY = 8;
  private static final String NOTHING = "-";

  private final SyslogServer.Facility facility;
  private final String host;
  private final long process;

  SyslogFormat(SyslogServer.Facility facility, String host, long process) {
    this.facility = facility;
    this.host = host.matches("[!-~]{1,255}") ? host : NOTHING;
    this.process = process;
  }

  /** The name of this machine, without DNS, which can be slow. */
  static String thisMachine() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException noLinux) {
      return System.getenv().getOrDefault("COMPUTERNAME", NOTHING);
    }
  }

  byte[] bytes(SyslogMessage message) {
    String line =
        "<%d>1 %s %s tls-uplift %d %s - %s"
            .formatted(
                facility.code() * FACILITY + message.severity().code(),
                TIME.format(message.time()),
                host,
                process,
                message.id(),
                message.text().stripTrailing());
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= MAX_LENGTH ? bytes : cut(bytes);
  }

  /** Ends before a character that would be incomplete. */
  private static byte[] cut(byte[] bytes) {
    int end = MAX_LENGTH;
    while ((bytes[end] & 0xc0) == 0x80) {
      end--;
    }
    return Arrays.copyOf(bytes, end);
  }
}
