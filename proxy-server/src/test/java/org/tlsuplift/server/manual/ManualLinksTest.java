package org.tlsuplift.server.manual;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.testing.GeneratedPage;

/** Every link in README.md, in the manual, and from the program into the manual leads somewhere. */
@OneJdk
class ManualLinksTest {
  /**
   * In templates and code {@code /manual/TOPIC#anchor}, in alerts {@code manual/TOPIC#anchor}, in
   * messages {@code tls-uplift manual TOPIC#anchor}.
   */
  private static final Pattern INTO =
      Pattern.compile(
          "(?<![\\w.-])(?:/?manual/|tls-uplift manual )([a-z][a-z0-9-]*)(?:#([\\w-]+))?(?![\\w./-])");

  private static final Map<Path, MarkdownPage> PARSED = new HashMap<>();

  static List<Path> texts() throws IOException {
    return CodeBlock.texts();
  }

  @ParameterizedTest
  @MethodSource("texts")
  void everyRelativeLinkResolves(Path text) throws IOException {
    List<String> broken = new ArrayList<>();
    for (String destination : destinations(text)) {
      if (!destination.matches("[A-Za-z][A-Za-z0-9+.-]*:.*") && !resolves(text, destination)) {
        broken.add(destination);
      }
    }
    assertThat(broken).as("links of %s that lead nowhere", text).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("texts")
  void everyOtherLinkIsEncrypted(Path text) throws IOException {
    assertThat(destinations(text))
        .filteredOn(destination -> destination.matches("[A-Za-z][A-Za-z0-9+.-]*:.*"))
        .allMatch(destination -> destination.startsWith("https://"));
  }

  private static boolean resolves(Path from, String destination) throws IOException {
    int hash = destination.indexOf('#');
    String path = hash < 0 ? destination : destination.substring(0, hash);
    Path file = path.isEmpty() ? from : from.resolveSibling(path).normalize();
    if (!Files.exists(file)) {
      return false;
    }
    return hash < 0 || anchors(file).contains(destination.substring(hash + 1));
  }

  private static List<String> destinations(Path text) throws IOException {
    MarkdownPage page = parsed(text);
    return Stream.concat(
            MarkdownPage.all(page.document(), Link.class).stream().map(Link::getDestination),
            MarkdownPage.all(page.document(), Image.class).stream().map(Image::getDestination))
        .toList();
  }

  private static Set<String> anchors(Path file) throws IOException {
    MarkdownPage page = parsed(file);
    return MarkdownPage.all(page.document(), Heading.class).stream()
        .map(page::anchor)
        .collect(Collectors.toSet());
  }

  private static MarkdownPage parsed(Path file) throws IOException {
    MarkdownPage page = PARSED.get(file);
    if (page == null) {
      page = MarkdownPage.parse(file.getFileName().toString(), Files.readString(file));
      PARSED.put(file, page);
    }
    return page;
  }

  @Test
  void theIndexListsEveryPageOnce() throws IOException {
    List<String> listed =
        MarkdownPage.all(parsed(GeneratedPage.MANUAL.resolve("index.md")).document(), Link.class)
            .stream()
            .map(Link::getDestination)
            .filter(destination -> destination.endsWith(".md"))
            .toList();
    try (Stream<Path> pages = Files.list(GeneratedPage.MANUAL)) {
      assertThat(listed)
          .containsExactlyInAnyOrderElementsOf(
              pages
                  .map(page -> page.getFileName().toString())
                  .filter(name -> name.endsWith(".md") && !name.equals("index.md"))
                  .toList());
    }
  }

  @Test
  void everythingInTheJarIsLinkedTo() throws IOException {
    try (Stream<Path> all = Files.list(GeneratedPage.MANUAL)) {
      assertThat(Manual.get().files())
          .containsAll(
              all.map(file -> file.getFileName().toString())
                  .filter(name -> !name.endsWith(".md"))
                  .toList());
    }
  }

  @Test
  void everyLinkOfTheProgramIntoTheManualResolves() throws IOException {
    Set<String> broken = new TreeSet<>();
    int found = 0;
    for (Path source : sources()) {
      Matcher into = INTO.matcher(Files.readString(source));
      while (into.find()) {
        found++;
        if (!isSection(into.group(1), into.group(2))) {
          broken.add(source + ": " + into.group());
        }
      }
    }
    assertThat(broken).isEmpty();
    assertThat(found).isPositive();
  }

  private static boolean isSection(String topic, String anchor) {
    return Manual.get()
        .page(topic)
        .filter(page -> anchor == null || page.section(anchor).isPresent())
        .isPresent();
  }

  /** Templates, code, and the files that operators copy. */
  private static List<Path> sources() throws IOException {
    List<Path> sources = new ArrayList<>();
    for (Path root :
        List.of(
            Path.of("src", "main", "java"),
            Path.of("src", "main", "jte"),
            Path.of("..", "proxy-core", "src", "main", "java"),
            Path.of("..", "config"))) {
      try (Stream<Path> files = Files.walk(root)) {
        files.filter(Files::isRegularFile).forEach(sources::add);
      }
    }
    return sources;
  }
}
