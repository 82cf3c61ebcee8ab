package org.tlsuplift.server.manual;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;
import org.tlsuplift.server.testing.GeneratedPage;

/**
 * A fenced block of code in README.md or in the manual.
 *
 * @param file it is in
 * @param line of the fence
 * @param language the first word behind the fence; may be empty
 * @param words the other words: with their values, or with an empty value
 * @param code itself
 */
public record CodeBlock(
    Path file, int line, String language, Map<String, String> words, String code) {
  private static final Pattern WORD = Pattern.compile("(\\w+)(?:=(?:\"([^\"]*)\"|(\\S+)))?");
  private static final Parser PARSER =
      Parser.builder().includeSourceSpans(IncludeSourceSpans.BLOCKS).build();

  /** README.md and all pages of the manual. */
  public static List<Path> texts() throws IOException {
    try (Stream<Path> pages = Files.list(GeneratedPage.MANUAL)) {
      return Stream.concat(
              Stream.of(Path.of("..", "README.md")),
              pages.filter(page -> page.toString().endsWith(".md")).sorted())
          .toList();
    }
  }

  /** All blocks of a text, in their order. */
  public static List<CodeBlock> in(Path file) throws IOException {
    return MarkdownPage.all(PARSER.parse(Files.readString(file)), FencedCodeBlock.class).stream()
        .map(block -> of(file, block))
        .toList();
  }

  /** All blocks of all texts in one of these languages. */
  public static List<CodeBlock> of(String... languages) throws IOException {
    List<CodeBlock> blocks = new ArrayList<>();
    for (Path file : texts()) {
      in(file).stream()
          .filter(block -> List.of(languages).contains(block.language))
          .forEach(blocks::add);
    }
    return blocks;
  }

  private static CodeBlock of(Path file, FencedCodeBlock block) {
    Map<String, String> words = new LinkedHashMap<>();
    Matcher word = WORD.matcher(block.getInfo() == null ? "" : block.getInfo());
    String language = "";
    while (word.find()) {
      if (language.isEmpty()) {
        language = word.group();
      } else {
        words.put(
            word.group(1),
            Optional.ofNullable(word.group(2))
                .or(() -> Optional.ofNullable(word.group(3)))
                .orElse(""));
      }
    }
    int line = block.getSourceSpans().get(0).getLineIndex() + 1;
    return new CodeBlock(file, line, language, words, block.getLiteral());
  }

  /** Whether a word with this value is there. */
  public boolean says(String word, String value) {
    return value.equals(words.get(word));
  }

  /** Where it is, for messages. */
  @Override
  public String toString() {
    return file.getFileName() + ":" + line;
  }
}
