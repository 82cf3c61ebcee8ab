package org.tlsuplift.proxy.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Prints how many tests ran, how many were skipped, and why, and where the output of failed tests
 * is. Exits with 1 if a test has failed.
 *
 * <p>Reads the reports of Surefire and Failsafe in the given folders. A folder may be missing.
 */
public final class TestSummary {
  private static final String MISSING = " is missing:";

  private TestSummary() {}

  public static void main(String[] names) throws Exception {
    List<Path> folders = Stream.of(names).map(Path::of).toList();
    List<String> failures = failures(folders);
    failures.forEach(System.out::println);
    System.out.println(summary(folders));
    if (!failures.isEmpty()) {
      System.exit(1);
    }
  }

  static String summary(List<Path> folders) throws Exception {
    int tests = 0;
    List<String> reasons = new ArrayList<>();
    for (Path report : reports(folders)) {
      Element suite = suite(report);
      tests += suite.getElementsByTagName("testcase").getLength();
      NodeList skipped = suite.getElementsByTagName("skipped");
      for (int i = 0; i < skipped.getLength(); i++) {
        reasons.add(reason((Element) skipped.item(i)));
      }
    }
    String line = tests + " tests, " + reasons.size() + " skipped";
    if (reasons.isEmpty()) {
      return line;
    }
    String peers = counted(reasons, true);
    String others = counted(reasons, false);
    return line
        + (peers.isEmpty() ? "" : "; missing: " + peers)
        + (others.isEmpty() ? "" : "; other reasons: " + others);
  }

  /** A line for each class with a failed test. */
  static List<String> failures(List<Path> folders) throws Exception {
    List<String> lines = new ArrayList<>();
    for (Path report : reports(folders)) {
      Element suite = suite(report);
      int failed =
          suite.getElementsByTagName("failure").getLength()
              + suite.getElementsByTagName("error").getLength();
      if (failed > 0) {
        String name = report.getFileName().toString().replaceAll("^TEST-|\\.xml$", "");
        Path output = report.resolveSibling(name + "-output.txt");
        lines.add(
            name
                + ": "
                + failed
                + " failed"
                + (Files.exists(output) ? "; what was printed is in " + output : ""));
      }
    }
    return lines;
  }

  private static Element suite(Path report) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(report.toFile())
        .getDocumentElement();
  }

  private static List<Path> reports(List<Path> folders) throws IOException {
    List<Path> reports = new ArrayList<>();
    for (Path folder : folders) {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.list(folder)) {
          files
              .filter(file -> file.getFileName().toString().matches("TEST-.*\\.xml"))
              .sorted()
              .forEach(reports::add);
        }
      }
    }
    return reports;
  }

  /** Each reason with the number of tests it skipped. */
  private static String counted(List<String> reasons, boolean peers) {
    return reasons.stream()
        .filter(reason -> reason.contains(MISSING) == peers)
        .map(TestSummary::named)
        .collect(Collectors.groupingBy(reason -> reason, TreeMap::new, Collectors.counting()))
        .entrySet()
        .stream()
        .map(each -> each.getKey() + " (" + each.getValue() + ")")
        .collect(Collectors.joining(", "));
  }

  /** An aborted test has a stack trace, a disabled one an attribute. */
  private static String reason(Element skipped) {
    String text = skipped.getTextContent().lines().findFirst().orElse("");
    return text.isEmpty()
        ? skipped.getAttribute("message")
        : text.replaceFirst("^\\S*TestAbortedException: (Assumption failed: )?", "");
  }

  private static String named(String reason) {
    int end = reason.indexOf(MISSING);
    return end < 0 ? reason : reason.substring(0, end);
  }
}
