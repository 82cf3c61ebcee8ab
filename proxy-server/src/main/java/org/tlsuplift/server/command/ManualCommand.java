package org.tlsuplift.server.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.binding.Spelling;
import org.tlsuplift.server.manual.Manual;
import org.tlsuplift.server.manual.ManualFile;
import org.tlsuplift.server.manual.ManualGroup;
import org.tlsuplift.server.manual.ManualMatch;
import org.tlsuplift.server.manual.ManualPage;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Prints the manual. */
@Command(
    name = "manual",
    footer = "%nExample:%n  tls-uplift manual install-ca#brother",
    header = "Print a page of the manual, or list the pages.",
    description = "The program contains the pages. The admin port serves them at /manual.")
final class ManualCommand implements Callable<Integer> {
  private static final int WIDEST = 100;

  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @ArgGroup(exclusive = true)
  private Wanted wanted = new Wanted();

  /** What to print; by default the list of pages. */
  static final class Wanted {
    @Parameters(
        index = "0",
        arity = "0..1",
        paramLabel = "TOPIC",
        description = "A page, such as install-ca, or a section of it, such as install-ca#brother.")
    private @Nullable String topic;

    @Option(
        names = {"-s", "--search"},
        arity = "1..*",
        paramLabel = "WORDS",
        description = "List the pages and sections whose titles contain all these words.")
    private @Nullable List<String> search;

    @Option(
        names = {"-f", "--file"},
        paramLabel = "FILE",
        description = "Print a file that the manual refers to, such as config/alerts.yml.")
    private @Nullable String file;
  }

  @Override
  public Integer call() throws OperatorException {
    Manual manual = Manual.get();
    if (wanted.search != null) {
      return search(manual, String.join(" ", wanted.search));
    }
    if (wanted.file != null) {
      commandOutput.exactly(file(manual, wanted.file).text());
    } else if (wanted.topic != null) {
      commandOutput.lines(page(manual, wanted.topic));
    } else {
      list(manual);
    }
    return 0;
  }

  private void list(Manual manual) {
    int longest = manual.pages().stream().mapToInt(page -> page.topic().length()).max().orElse(0);
    for (ManualGroup group : manual.groups()) {
      commandOutput.line(group.title());
      for (ManualPage page : group.pages()) {
        String gap = " ".repeat(longest + 2 - page.topic().length());
        commandOutput.line("  " + page.topic() + gap + page.title().title());
      }
    }
    commandOutput.line("");
    commandOutput.line("'tls-uplift manual TOPIC' prints a page");
  }

  private int search(Manual manual, String words) throws OperatorException {
    List<ManualMatch> found = manual.search(words);
    if (found.isEmpty()) {
      throw new OperatorException(
          "no title and no heading contains '" + words + "'; try one word, or 'tls-uplift manual'");
    }
    int longest = found.stream().mapToInt(match -> match.target().length()).max().orElse(0);
    for (ManualMatch match : found) {
      commandOutput.line(
          match.target() + " ".repeat(longest + 2 - match.target().length()) + match.title());
    }
    return 0;
  }

  private String page(Manual manual, String wantedTopic) {
    int hash = wantedTopic.indexOf('#');
    String topic = hash < 0 ? wantedTopic : wantedTopic.substring(0, hash);
    ManualPage page = manual.page(topic).orElseThrow(() -> noSuchTopic(manual, topic));
    int width = Math.min(commandOutput.width(), WIDEST);
    if (hash < 0) {
      return page.text().all(width);
    }
    String anchor = wantedTopic.substring(hash + 1);
    if (page.section(anchor).isEmpty()) {
      List<String> anchors = page.sections().stream().map(ManualPage.Section::anchor).toList();
      throw commandOutput.wrong(
          "the page '" + topic + "' has no section '" + anchor + "'" + hint(anchor, anchors));
    }
    return page.text().section(anchor, width);
  }

  private ParameterException noSuchTopic(Manual manual, String topic) {
    List<String> topics = manual.pages().stream().map(ManualPage::topic).toList();
    return commandOutput.wrong("the manual has no topic '" + topic + "'" + hint(topic, topics));
  }

  private ManualFile file(Manual manual, String name) {
    // A picture of points is not text, which this command prints.
    List<String> texts = manual.files().stream().filter(file -> !file.endsWith(".png")).toList();
    return manual
        .file(name)
        .filter(file -> texts.contains(file.name()))
        .orElseThrow(
            () ->
                commandOutput.wrong(
                    "--file: got '%s'; expected one of %s"
                        .formatted(name, String.join(", ", texts))));
  }

  /**
   * A hint with the words that contain the written one or are part of it, or else with the most
   * similar word.
   */
  private static String hint(String written, List<String> words) {
    List<String> like =
        written.length() < 2
            ? List.of()
            : words.stream()
                .filter(word -> word.contains(written) || written.contains(word))
                .limit(5)
                .toList();
    if (!like.isEmpty()) {
      return "; did you mean " + String.join(", ", like) + "?";
    }
    String near = Spelling.hint(written, words);
    return near.isEmpty() ? "" : "; " + near;
  }
}
