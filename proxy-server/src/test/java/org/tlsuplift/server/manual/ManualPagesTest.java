package org.tlsuplift.server.manual;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;
import org.commonmark.parser.Parser;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.testing.GeneratedPage;

/** The form of README.md and of the pages of the manual. */
@OneJdk
class ManualPagesTest {
  /** What may stand behind the language of a block, see the page 'contributing'. */
  private static final Map<String, Set<String>> WORDS =
      Map.of(
          "sh", Set.of("offline", "exit", "in", "with"),
          "console", Set.of("offline", "exit", "in", "with"),
          "yaml", Set.of("file", "at", "config", "error"));

  static List<Path> texts() throws IOException {
    return CodeBlock.texts();
  }

  static Stream<Path> pages() throws IOException {
    return texts().stream().filter(text -> text.startsWith(GeneratedPage.MANUAL));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void beginsWithItsTitleAndASentence(Path page) throws IOException {
    Node first = parsed(page).getFirstChild();
    assertThat(first).isInstanceOf(Heading.class);
    assertThat(((Heading) first).getLevel()).isEqualTo(1);
    assertThat(first.getNext()).isInstanceOf(Paragraph.class);
    assertThat(MarkdownPage.plain(first.getNext())).endsWith(".");
    assertThat(MarkdownPage.all(parsed(page), Heading.class))
        .filteredOn(heading -> heading.getLevel() == 1)
        .hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("texts")
  void hasNoHtmlAndNoIndentedCode(Path text) throws IOException {
    assertThat(MarkdownPage.all(parsed(text), HtmlBlock.class))
        .extracting(HtmlBlock::getLiteral)
        .isEmpty();
    assertThat(MarkdownPage.all(parsed(text), HtmlInline.class))
        .extracting(HtmlInline::getLiteral)
        .isEmpty();
    assertThat(MarkdownPage.all(parsed(text), IndentedCodeBlock.class))
        .extracting(IndentedCodeBlock::getLiteral)
        .isEmpty();
  }

  @ParameterizedTest
  @MethodSource("texts")
  void everyBlockHasALanguageAndKnownWords(Path text) throws IOException {
    for (CodeBlock block : CodeBlock.in(text)) {
      assertThat(block.language()).as("%s: the language", block).isNotEmpty();
      assertThat(WORDS.getOrDefault(block.language(), Set.of()))
          .as("%s: the words that a block of %s may have", block, block.language())
          .containsAll(block.words().keySet());
    }
  }

  private static Node parsed(Path text) throws IOException {
    return Parser.builder()
        .extensions(MarkdownPage.EXTENSIONS)
        .build()
        .parse(Files.readString(text));
  }
}
