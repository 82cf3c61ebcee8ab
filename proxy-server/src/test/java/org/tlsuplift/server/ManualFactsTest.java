package org.tlsuplift.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.testing.OneJdk;

/** What operators look up in the manual is there, under a heading that links lead to. */
@OneJdk
class ManualFactsTest {
  private static final List<Path> SOURCES =
      List.of(
          Path.of("../proxy-core/src/main/java/org/tlsuplift/proxy"),
          Path.of("src/main/java/org/tlsuplift/server"));

  @Test
  void everyKnownReplyOfAMailOriginHasAHeading() throws IOException {
    assertThat(headings("microsoft-replies.md"))
        .containsAll(Arrays.stream(OriginReply.values()).map(OriginReply::label).toList());
  }

  @Test
  void everyCloseReasonHasAHeading() throws IOException {
    assertThat(headings("troubleshooting.md"))
        .containsAll(Arrays.stream(CloseReason.values()).map(CloseReason::label).toList());
  }

  @Test
  void everyHandshakeOutcomeThatIsAFailureHasAHeading() throws IOException {
    assertThat(headings("troubleshooting.md"))
        .containsAll(
            Arrays.stream(HandshakeOutcome.values())
                .filter(outcome -> outcome != HandshakeOutcome.COMPLETED)
                .map(HandshakeOutcome::label)
                .toList());
  }

  @Test
  void everySignInOutcomeThatIsAFailureHasItsRemedy() throws IOException {
    assertThat(page("troubleshooting.md"))
        .contains(
            Arrays.stream(SignInOutcome.values())
                .filter(outcome -> outcome != SignInOutcome.SIGNED_IN)
                .map(outcome -> "| `" + outcome.label() + "` |")
                .toList());
  }

  @Test
  void eachLineOfTheThreatModelNamesTestsThatExist() throws IOException {
    Set<String> tests = tests();

    List<String> lines =
        page("threat-model.md").lines().filter(line -> line.startsWith("|")).skip(2).toList();

    assertThat(lines).hasSizeGreaterThan(7);
    for (String line : lines) {
      String proof = line.split("\\|", -1)[3];
      List<String> named =
          Pattern.compile("`(\\w+)`").matcher(proof).results().map(name -> name.group(1)).toList();
      assertThat(named).as(line).isNotEmpty().allSatisfy(name -> assertThat(tests).contains(name));
    }
  }

  @Test
  void everyFileOfTheWalksExists() throws IOException {
    String page = page("contributing.md");
    String first = page.substring(page.indexOf("### From accept to the first byte"));

    assertThat(walked(first.substring(0, first.indexOf("\n### "))))
        .doesNotHaveDuplicates()
        .hasSizeBetween(20, 30);
    assertThat(walked(page))
        .allSatisfy(
            file ->
                assertThat(SOURCES.stream().map(root -> root.resolve(file)))
                    .as(file)
                    .anyMatch(Files::exists));
  }

  private static List<String> walked(String text) {
    return Pattern.compile("(?m)^[0-9]+\\. `([\\w/]+\\.java)`: ")
        .matcher(text)
        .results()
        .map(file -> file.group(1))
        .toList();
  }

  private static List<String> headings(String page) throws IOException {
    return page(page)
        .lines()
        .filter(line -> line.startsWith("### "))
        .map(line -> line.substring(4))
        .toList();
  }

  private static String page(String name) throws IOException {
    return Files.readString(Path.of("src", "main", "manual", name));
  }

  /** The names of all test classes of both modules. */
  private static Set<String> tests() throws IOException {
    try (Stream<Path> core = Files.walk(Path.of("..", "proxy-core", "src", "test"));
        Stream<Path> server = Files.walk(Path.of("..", "proxy-server", "src", "test"))) {
      return Stream.concat(core, server)
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.endsWith(".java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .collect(Collectors.toSet());
    }
  }
}
