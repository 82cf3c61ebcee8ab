package org.tlsuplift.server.testing;

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
 * Prints at the end of a build how many tests ran, how many were skipped, and why.
 *
 * <p>Reads the reports of Surefire and Failsafe in the given folders. A folder may be missing.
 */
public final class SkippedTests {
  private static final String MISSING = " is missing:";

  private SkippedTests() {}

  public static void main(String[] folders) throws Exception {
    System.out.println(summary(Stream.of(folders).map(Path::of).toList()));
  }

  static String summary(List<Path> folders) throws Exception {
    int tests = 0;
    List<String> reasons = new ArrayList<>();
    for (Path report : reports(folders)) {
      Element suite =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(report.toFile())
              .getDocumentElement();
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
    String programs = counted(reasons, true);
    String others = counted(reasons, false);
    return line
        + (programs.isEmpty() ? "" : "; missing programs: " + programs)
        + (others.isEmpty() ? "" : "; other reasons: " + others);
  }

  private static List<Path> reports(List<Path> folders) throws IOException {
    List<Path> reports = new ArrayList<>();
    for (Path folder : folders) {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.list(folder)) {
          files
              .filter(file -> file.getFileName().toString().matches("TEST-.*\\.xml"))
              .forEach(reports::add);
        }
      }
    }
    return reports;
  }

  /** Each reason with the number of tests it skipped. */
  private static String counted(List<String> reasons, boolean programs) {
    return reasons.stream()
        .filter(reason -> reason.contains(MISSING) == programs)
        .map(SkippedTests::named)
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
