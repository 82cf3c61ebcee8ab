package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.daemon.watch.CriticalCounter;

/** A program that gets notifications finds each condition in the manual. */
class ConditionsTest {
  private static final Path MAIN = Path.of("src/main");

  /** The command {@code notify test} sends it. */
  private static final String TRIAL = "test";

  @Test
  void theManualHasEachCondition() throws Exception {
    Set<String> sent = new TreeSet<>();
    try (Stream<Path> files = Files.walk(MAIN.resolve("java"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        sent.addAll(found("new Condition\\(\\s*\"([a-z_]+)\"", Files.readString(file)));
      }
    }
    CriticalCounter.ALL.forEach(each -> sent.add(each.condition().kind()));
    sent.remove(TRIAL);
    String rows =
        Files.readAllLines(MAIN.resolve("manual/monitoring.md")).stream()
            .dropWhile(line -> !line.startsWith("| Condition |"))
            .takeWhile(line -> line.startsWith("|"))
            .map(line -> line.split("\\|", -1)[1])
            .collect(Collectors.joining());
    assertThat(found("`([a-z_]+)`", rows)).containsExactlyInAnyOrderElementsOf(sent);
  }

  private static List<String> found(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(each -> each.group(1)).toList();
  }
}
