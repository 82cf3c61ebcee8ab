package org.tlsuplift.server.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Formats results as lines for the terminal. */
public final class FindingText {
  private static final String INDENT = " ".repeat(25);
  private static final int WIDTH = 95;

  private FindingText() {}

  public static List<String> lines(CheckResult checkResult) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "listener %s, to %s%s%s"
            .formatted(
                checkResult.listener(),
                checkResult.origin(),
                checkResult.mailbox().isEmpty() ? "" : ", as " + checkResult.mailbox(),
                checkResult.tenant().isEmpty() ? "" : " of tenant " + checkResult.tenant()));
    for (Finding finding : checkResult.findings()) {
      List<String> seen = wrapped(finding.seen());
      lines.add(
          "  %-8s %-13s %s"
              .formatted(word(finding.outcome()), finding.step().label(), seen.get(0)));
      seen.stream().skip(1).forEach(line -> lines.add(INDENT + line));
      if (finding.failureKind() != null) {
        lines.add(INDENT + "=> " + finding.failureKind().title());
      }
      for (String remedy : finding.remedy()) {
        // A command stays on one line, so that it can be copied.
        (remedy.startsWith("  ") ? List.of(remedy) : wrapped(remedy))
            .forEach(line -> lines.add(INDENT + line));
      }
    }
    return lines;
  }

  private static String word(Finding.Outcome outcome) {
    return switch (outcome) {
      case OK, NOTE, SKIPPED -> outcome.name().toLowerCase(Locale.ROOT);
      case FAILED -> "FAILED";
    };
  }

  private static List<String> wrapped(String text) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > WIDTH) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
