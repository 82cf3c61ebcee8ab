package org.tlsuplift.server.inventory;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes devices as CSV (RFC 4180) for spreadsheets.
 *
 * <p>Spreadsheets run a cell as a formula if it begins with certain characters, and devices and
 * users choose some of the texts. This class puts an apostrophe before these characters, also after
 * a semicolon, because in many countries Excel begins a cell there (OWASP, "CSV Injection").
 *
 * <p>This class quotes cells only where RFC 4180 requires it. Commons CSV would also quote other
 * cells, such as those that begin with a space, and so change the files.
 */
public final class DeviceCsv {
  /** The header line. */
  public static final String HEADER =
      "address,name,verdict,verdict_text,first_seen,last_seen,sessions,legacy_handshakes,"
          + "modern_handshakes,plaintext_sessions,failures,bytes_up,bytes_down,ssl2_hellos,"
          + "worst_version,latest_version,latest_suite,offered_version,ja4,suggests,server_name,"
          + "introduction,latest_failure,latest_failure_at,trusts_ca,listeners,ways_in,"
          + "destinations,owner,place,tags,note";

  private static final String FORMULA = "(?=[=+@\t\r\n\uff1d\uff0b\uff0d\uff20-])";

  private static final Pattern UNSAFE = Pattern.compile("(^|;)" + FORMULA);
  private static final Pattern MARKED = Pattern.compile("(^|;)'" + FORMULA);

  private DeviceCsv() {}

  /** Writes the header, then one line for each device while the devices are read. */
  public static void write(Rows<DeviceRecord> devices, OutputStream target)
      throws SQLException, IOException {
    devices.csv(HEADER, DeviceCsv::line, target);
  }

  /** One device as a line, without the line end. */
  public static String line(DeviceRecord device) {
    return row(
        device.address(),
        device.name(),
        device.verdict().label(),
        device.verdictText(),
        device.firstSeen(),
        device.lastSeen(),
        device.sessions(),
        device.legacyHandshakes(),
        device.modernHandshakes(),
        device.plaintextSessions(),
        device.failures(),
        device.bytesUp(),
        device.bytesDown(),
        device.ssl2Hellos(),
        device.worstVersion(),
        device.latestVersion(),
        device.latestSuite(),
        device.offeredVersion(),
        device.ja4(),
        device.suggests(),
        device.serverName(),
        device.introduction(),
        device.latestFailure(),
        device.latestFailureAt(),
        device.trust().name().toLowerCase(Locale.ROOT),
        list(device.listeners()),
        list(device.waysIn()),
        list(device.destinations()),
        device.notes().owner(),
        device.notes().place(),
        list(device.notes().tags()),
        device.notes().note());
  }

  /** Cells as a line, without the line end. Null becomes an empty cell. */
  public static String row(@Nullable Object... cells) {
    return Arrays.stream(cells)
        .map(cell -> cell == null ? "" : cell(cell.toString()))
        .collect(Collectors.joining(","));
  }

  private static String list(List<String> values) {
    return String.join(" ", values);
  }

  /** A text as one cell that no spreadsheet runs as a formula. */
  static String cell(String text) {
    String safe = UNSAFE.matcher(text).replaceAll("$1'");
    boolean plain = safe.chars().noneMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
    return plain ? safe : '"' + safe.replace("\"", "\"\"") + '"';
  }

  /** A text without the apostrophes that {@link #row} puts before formulas. */
  public static String plain(String cell) {
    return MARKED.matcher(cell).replaceAll("$1");
  }
}
