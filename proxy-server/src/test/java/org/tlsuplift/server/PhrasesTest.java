package org.tlsuplift.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.OneJdk;

/**
 * Comments, messages, pages, the manual and the configuration contain no phrase of {@code
 * phrases.txt}. Names in Java contain none of these and none of {@code phrases-in-names.txt}.
 */
@OneJdk
class PhrasesTest {
  private static final Path ROOT = Path.of("..");
  private static final String LIST = "phrases.txt";
  private static final String LIST_FOR_NAMES = "phrases-in-names.txt";
  private static final Set<String> EXCLUDED = Set.of(LIST, LIST_FOR_NAMES, "PhrasesTest.java");
  private static final Set<String> SKIPPED = Set.of("target", ".git");

  private static final Pattern TEXT_FILE =
      Pattern.compile(
          "Dockerfile|.*\\.(java|md|jte|ya?ml|json|sql|css|js|txt|properties|xml|nft|cfg|conf|service|sh)");

  /** Comments, text blocks, strings and characters; a match is the whole token. */
  private static final Pattern JAVA_TOKEN =
      Pattern.compile(
          "/\\*.*?\\*/|//[^\\n]*|\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])+'",
          Pattern.DOTALL);

  private static final Pattern NAME = Pattern.compile("[\\p{L}_$][\\w$]*");

  /** A word of a name in camel case, or in capitals with underscores. */
  private static final Pattern WORD =
      Pattern.compile("\\p{Lu}+(?!\\p{Ll})|\\p{Lu}?\\p{Ll}+|[0-9]+");

  /** Between two words of a phrase: a line break in a comment, or the end of a string. */
  private static final String GAP = "[\\s\"+*/#>]+";

  private static final List<Phrase> PHRASES = phrases(LIST);
  private static final List<Phrase> IN_NAMES =
      Stream.concat(PHRASES.stream(), phrases(LIST_FOR_NAMES).stream()).toList();

  @Test
  void noTextHasAPhraseThatMustNotReturn() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : texts()) {
      for (String phrase : found(readable(file))) {
        found.add(ROOT.relativize(file) + phrase);
      }
    }

    assertThat(found).isEmpty();
  }

  @Test
  void findsAPhraseAcrossLinesAndStrings() {
    assertThat(found(java("int a;\n/** It is\n * said. */")))
        .singleElement()
        .asString()
        .contains(":2");
    assertThat(found(java("a(\"it stops \"\n + \"to wait\")"))).hasSize(1);
    assertThat(found("# Anew,\n# the listener\n# stops\n# to accept")).hasSize(2);
  }

  @Test
  void findsAHeadingOfAnyLevelButNotItsWordsInText() {
    assertThat(found("## Read on\n\n### Ways in\n")).hasSize(2);
    assertThat(found("It can be read on the network, in two ways in turn.")).isEmpty();
  }

  @Test
  void ignoresCodeAndPartsOfWords() {
    assertThat(found(java("int anew = isSaid ? 1 : '\"'; // as said"))).isEmpty();
    assertThat(found(java("String whoever = \"what\" + \"a(b)\";"))).isEmpty();
  }

  @Test
  void noNameHasAPhraseThatMustNotReturn() throws IOException {
    Map<String, Path> names = new TreeMap<>();
    for (Path file : texts()) {
      if (file.toString().endsWith(".java")) {
        names(Files.readString(file)).forEach(name -> names.putIfAbsent(name, file));
      }
    }
    List<String> found = new ArrayList<>();
    names.forEach(
        (name, file) ->
            foundIn(name).forEach(phrase -> found.add(ROOT.relativize(file) + ": " + phrase)));

    assertThat(names).hasSizeGreaterThan(10_000);
    assertThat(found).isEmpty();
  }

  @Test
  void findsAPhraseInANameOfAnyCase() {
    assertThat(foundIn("tellsTheDevice")).singleElement().asString().startsWith("tellsTheDevice:");
    assertThat(foundIn("DRIVER_PATIENCE")).hasSize(1);
    assertThat(foundIn("refusesWhatIsNoCa")).hasSize(1);
    assertThat(foundIn("whatIsWrong")).hasSize(2);
    assertThat(foundIn("isNoLongerStoppedToAccept")).hasSize(1);
  }

  @Test
  void ignoresPartsOfWordsInNamesAndWordsThatBeginNoName() {
    assertThat(foundIn("tellsy")).isEmpty();
    assertThat(foundIn("what")).isEmpty();
    assertThat(foundIn("showsWhatAReloadChanges")).isEmpty();
    assertThat(foundIn("HTTP2SettingsOfTLS13")).isEmpty();
  }

  @Test
  void readsNamesInCodeOnly() {
    assertThat(names("/** calm */ int patience = f(\"door\", 'k'); // keeper"))
        .containsExactly("int", "patience", "f");
  }

  private static List<Path> texts() throws IOException {
    List<Path> texts = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes unused) {
            return SKIPPED.contains(String.valueOf(directory.getFileName()))
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes unused) {
            String name = String.valueOf(file.getFileName());
            if (TEXT_FILE.matcher(name).matches() && !EXCLUDED.contains(name)) {
              texts.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return texts;
  }

  private static String readable(Path file) throws IOException {
    String text = Files.readString(file);
    return file.toString().endsWith(".java") ? java(text) : text;
  }

  /** Replaces all code except spaces and plus signs, so that only comments and strings remain. */
  private static String java(String source) {
    StringBuilder readable = new StringBuilder();
    Matcher token = JAVA_TOKEN.matcher(source);
    int end = 0;
    while (token.find()) {
      readable.append(masked(source.substring(end, token.start()))).append(token.group());
      end = token.end();
    }
    return readable.append(masked(source.substring(end))).toString();
  }

  /** The names in the code of a source file, and its keywords. */
  private static List<String> names(String source) {
    String code = JAVA_TOKEN.matcher(source).replaceAll(" ");
    return NAME.matcher(code).results().map(MatchResult::group).distinct().toList();
  }

  private static List<String> foundIn(String name) {
    String words =
        WORD.matcher(name)
            .results()
            .map(word -> word.group().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(" "));
    return IN_NAMES.stream()
        .filter(phrase -> words.contains(phrase.longestWord))
        .filter(phrase -> phrase.pattern.matcher(words).find())
        .map(phrase -> "%s: write '%s'".formatted(name, phrase.better))
        .toList();
  }

  private static String masked(String code) {
    return code.replaceAll("[^\\s+]", ";");
  }

  private static List<String> found(String text) {
    List<String> found = new ArrayList<>();
    String lower = text.toLowerCase(Locale.ROOT);
    for (Phrase phrase : PHRASES) {
      // Most texts lack the word, and a search for it is much faster than one for the pattern.
      if (lower.contains(phrase.longestWord)) {
        Matcher match = phrase.pattern.matcher(text);
        while (match.find()) {
          long line = text.substring(0, match.start()).lines().count();
          found.add(
              ":%d: '%s', write '%s'"
                  .formatted(Math.max(1, line), match.group().replaceAll(GAP, " "), phrase.better));
        }
      }
    }
    return found;
  }

  private record Phrase(String longestWord, Pattern pattern, String better) {
    /** At the end of a phrase that begins a name. */
    private static final String BEGINS = " ...";

    static Phrase of(String text, String better) {
      boolean begins = text.endsWith(BEGINS);
      String[] words =
          (begins ? text.substring(0, text.length() - BEGINS.length()) : text).split(" ", -1);
      String longest = Collections.max(List.of(words), Comparator.comparingInt(String::length));
      String phrase = String.join(GAP, words);
      return new Phrase(
          longest.toLowerCase(Locale.ROOT),
          Pattern.compile(
              begins ? "^" + phrase + " " : "(?<![\\w-])" + phrase + "(?![\\w-])",
              Pattern.CASE_INSENSITIVE),
          better);
    }
  }

  private static List<Phrase> phrases(String resource) {
    try (InputStream list = PhrasesTest.class.getResourceAsStream(resource)) {
      assertThat(list).isNotNull();
      return new String(list.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> !line.startsWith("# "))
          .map(line -> line.split(": ", 2))
          .map(entry -> Phrase.of(entry[0], entry[1]))
          .toList();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
