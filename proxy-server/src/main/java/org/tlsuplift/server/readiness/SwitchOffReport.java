package org.tlsuplift.server.readiness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes the report: an HTML page, and CSV files with the results and all blocking devices. Blocks.
 *
 * @param version of this program, in words
 */
public record SwitchOffReport(SwitchOff switchOff, String version) {
  /** For people. */
  public static final String PAGE = "switch-off.html";

  /** One line for each listener and subnet. */
  public static final String ANSWERS = "switch-off.csv";

  /** One line for each blocking device. */
  public static final String DEVICES = "switch-off-devices.csv";

  public static final List<String> FILES = List.of(PAGE, ANSWERS, DEVICES);

  private static final String LINE_END = "\r\n";

  /** Writes to a file, line by line. */
  private interface Content {
    void write(Writer to) throws IOException, SQLException;
  }

  /**
   * Writes all files or none. Only this user can read them.
   *
   * @param directory created if it is missing
   * @param replace whether existing files may be replaced
   * @return the results
   * @throws IOException if they cannot be written; the message is one line for the operator
   * @throws SQLException when the inventory cannot be read
   * @throws IllegalArgumentException if no listener has the name of the query
   */
  public SwitchOffResults write(Path directory, SwitchOffQuery switchOffQuery, boolean replace)
      throws IOException, SQLException {
    SwitchOffResults switchOffResults = switchOff.ask(switchOffQuery);
    Map<String, Content> contents = new LinkedHashMap<>();
    for (String name : FILES) {
      contents.put(name, to -> write(name, switchOffResults, to));
    }
    ReportFiles files = ReportFiles.in(directory, List.copyOf(contents.keySet()), replace);
    try (files) {
      for (Map.Entry<String, Content> each : contents.entrySet()) {
        try (Writer to = files.open(each.getKey())) {
          each.getValue().write(to);
        }
      }
      files.keep();
    }
    return switchOffResults;
  }

  /**
   * Writes one of {@link #FILES}.
   *
   * @param results of the query
   */
  public void write(String name, SwitchOffResults results, Writer to)
      throws IOException, SQLException {
    switch (name) {
      case PAGE -> to.write(ReportPage.render(results, version));
      case ANSWERS -> table(results, to);
      default -> devices(results.question(), to);
    }
  }

  private static void table(SwitchOffResults switchOffResults, Writer to) throws IOException {
    to.write(SwitchOffCsv.ANSWERS + LINE_END);
    for (SwitchOffResult switchOffResult :
        Stream.concat(switchOffResults.listeners().stream(), switchOffResults.subnets().stream())
            .toList()) {
      to.write(SwitchOffCsv.line(switchOffResult) + LINE_END);
    }
  }

  private void devices(SwitchOffQuery switchOffQuery, Writer to) throws IOException, SQLException {
    to.write(SwitchOffCsv.DEVICES + LINE_END);
    try {
      switchOff.blockingDevices(
          switchOffQuery,
          blockingDevice -> {
            String subnet = switchOff.subnet(blockingDevice.device()).toString();
            try {
              to.write(SwitchOffCsv.line(blockingDevice, subnet) + LINE_END);
            } catch (IOException failed) {
              throw new UncheckedIOException(failed);
            }
          });
    } catch (UncheckedIOException failed) {
      throw failed.getCause();
    }
  }
}
