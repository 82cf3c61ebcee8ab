package org.tlsuplift.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.testing.OneJdk;

/**
 * The budget of each Maven module: how many lines of code its main Java files may have. A line
 * counts if it is not blank, a comment, an import or the package.
 */
@OneJdk
class CodeBudgetTest {
  private static final Pattern MODULE = Pattern.compile("<module>(.+?)</module>");
  private static final Pattern BUDGET = Pattern.compile("<code\\.budget>(\\d+)</code\\.budget>");

  private static final Predicate<String> CODE =
      Pattern.compile("^(//|/\\*|\\*|import |package |$)").asPredicate().negate();

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @Test
  void eachModuleKeepsItsBudget() throws IOException {
    assertThat(problems(Path.of(".."))).isEmpty();
  }

  @Test
  void countsOnlyLinesOfCode() throws IOException {
    module("<code.budget>100</code.budget>");
    assertThat(lines(directory.resolve("mail"))).isEqualTo(4);
  }

  @Test
  void namesFigureBudgetAndRemedy() throws IOException {
    module("<code.budget>4</code.budget>");
    assertThat(problems(directory)).isEmpty();
    module("<code.budget>3</code.budget>");
    assertThat(problems(directory))
        .containsExactly(
            "mail has 4 lines of code, and its budget is 3: delete lines, or raise <code.budget> in its"
                + " pom.xml, on a line of its own in a commit that says what for");
  }

  @Test
  void requiresABudgetOfEachModuleWithCode() throws IOException {
    module("");
    assertThat(problems(directory)).containsExactly("mail/pom.xml has no <code.budget>");
  }

  private void module(String properties) throws IOException {
    Path sources = directory.resolve("mail/src/main/java/mail");
    Files.createDirectories(sources);
    Files.writeString(directory.resolve("pom.xml"), "<module>mail</module>");
    Files.writeString(directory.resolve("mail/pom.xml"), properties);
    Files.writeString(
        sources.resolve("Mail.java"),
        """
        /*
         * A comment.
         */
        package mail;

        import java.util.List;

        /** Mail. */
        class Mail {
          // A comment.
          List<String> letters = List.of(); // With a comment.

          int factor = 2;
        }
        """);
  }

  /** Of a module and those that its pom lists. */
  private static List<String> problems(Path module) throws IOException {
    String pom = Files.readString(module.resolve("pom.xml"));
    List<String> problems = new ArrayList<>();
    if (Files.isDirectory(module.resolve("src/main/java"))) {
      Matcher budget = BUDGET.matcher(pom);
      if (!budget.find()) {
        problems.add("%s/pom.xml has no <code.budget>".formatted(module.getFileName()));
      } else if (lines(module) > Integer.parseInt(budget.group(1))) {
        problems.add(
            ("%s has %d lines of code, and its budget is %s: delete lines, or raise <code.budget> in"
                    + " its pom.xml, on a line of its own in a commit that says what for")
                .formatted(module.getFileName(), lines(module), budget.group(1)));
      }
    }
    Matcher modules = MODULE.matcher(pom);
    while (modules.find()) {
      problems.addAll(problems(module.resolve(modules.group(1))));
    }
    return problems;
  }

  private static long lines(Path module) throws IOException {
    try (Stream<Path> all = Files.walk(module.resolve("src/main"))) {
      long lines = 0;
      for (Path file : all.filter(each -> each.toString().endsWith(".java")).toList()) {
        lines += Files.readAllLines(file).stream().map(String::strip).filter(CODE).count();
      }
      return lines;
    }
  }
}
