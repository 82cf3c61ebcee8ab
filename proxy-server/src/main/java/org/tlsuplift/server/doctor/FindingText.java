package org.tlsuplift.server.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.feature.Finding;

/** Formats results as lines for the terminal. */
public final class FindingText {
  private static final int WIDTH = 95;

  private FindingText() {}

  public static List<String> lines(CheckResult checkResult) {
    List<String> lines = new ArrayList<>();
    lines.add(checkResult.title());
    for (Finding finding : checkResult.findings()) {
      lines.addAll(lines(finding, finding.step().label(), 13));
    }
    return lines;
  }

  /** The lines of one mailbox of a tenant. */
  public static List<String> lines(TenantStep.Checked checked) {
    List<String> lines = new ArrayList<>();
    lines.add(checked.title());
    for (TenantStep.Result result : checked.results()) {
      lines.addAll(lines(result.finding(), result.step().label(), 22));
    }
    return lines;
  }

  /** The lines of a step; {@code width} is that of the longest name of a step. */
  private static List<String> lines(Finding finding, String name, int width) {
    String indent = " ".repeat(width + 12);
    List<String> lines = new ArrayList<>();
    List<String> seen = wrapped(finding.seen());
    lines.add(("  %-8s %-" + width + "s %s").formatted(word(finding.outcome()), name, seen.get(0)));
    seen.stream().skip(1).forEach(line -> lines.add(indent + line));
    if (finding.failureKind() != null) {
      lines.add(indent + "=> " + finding.failureKind().title());
    }
    for (String remedy : finding.remedy()) {
      // A command stays on one line, so that it can be copied.
      (remedy.startsWith("  ") ? List.of(remedy) : wrapped(remedy))
          .forEach(line -> lines.add(indent + line));
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
