package org.tlsuplift.server.manual;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.testing.GeneratedPage;

/** Claims of the manual about other people's products: each has a source, and is on its page. */
@OneJdk
class FactsTest {
  /** Microsoft announces such changes about this long before. */
  private static final int MONTHS = 6;

  /**
   * @param words as on the page, without the addresses of links and in one line
   * @param source where it was read
   * @param checked the day on which somebody last read the source
   */
  record Fact(String page, String words, String source, LocalDate checked) {
    static Fact of(String line) {
      String[] cells = line.split("\t", -1);
      assertThat(cells).as(line).hasSize(4).allSatisfy(cell -> assertThat(cell).isNotBlank());
      return new Fact(cells[0], cells[1], cells[2], LocalDate.parse(cells[3]));
    }

    boolean isOldOn(LocalDate day) {
      return checked.plusMonths(MONTHS).isBefore(day);
    }
  }

  static List<Fact> facts() throws IOException, URISyntaxException {
    Path table = Path.of(Objects.requireNonNull(FactsTest.class.getResource("facts.tsv")).toURI());
    return Files.readAllLines(table).stream()
        .filter(line -> !line.startsWith("#"))
        .map(Fact::of)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("facts")
  void pageHasTheWords(Fact fact) throws IOException {
    assertThat(plain(Files.readString(GeneratedPage.MANUAL.resolve(fact.page()))))
        .contains(fact.words());
    assertThat(fact.checked()).isBeforeOrEqualTo(LocalDate.now(ZoneOffset.UTC));
  }

  /**
   * Old claims fail no build: .ci/run shows the lines that this prints at the end of the unit
   * tests.
   */
  @Test
  void namesEachClaimThatIsOlderThanSixMonths() throws Exception {
    List<Fact> facts = facts();
    assertThat(warnings(facts, LocalDate.MAX)).hasSameSizeAs(facts);
    assertThat(warnings(facts.subList(0, 1), facts.get(0).checked())).isEmpty();
    assertThat(warnings(facts.subList(0, 1), LocalDate.MAX))
        .singleElement()
        .asString()
        .startsWith("facts.tsv: check '" + facts.get(0).words() + "' on " + facts.get(0).page());
    warnings(facts, LocalDate.now(ZoneOffset.UTC)).forEach(System.out::println);
  }

  private static List<String> warnings(List<Fact> facts, LocalDate day) {
    return facts.stream()
        .filter(fact -> fact.isOldOn(day))
        .map(
            fact ->
                "facts.tsv: check '%s' on %s again; read on %s: %s"
                    .formatted(fact.words(), fact.page(), fact.checked(), fact.source()))
        .toList();
  }

  @Test
  void factIsOldAfterSixMonths() {
    Fact fact = Fact.of("a.md\twords\tsource\t2026-12-02");
    assertThat(fact.isOldOn(LocalDate.of(2027, 6, 2))).isFalse();
    assertThat(fact.isOldOn(LocalDate.of(2027, 6, 3))).isTrue();
  }

  private static String plain(String markdown) {
    return markdown
        .replaceAll("\\[([^\\]]+)]\\([^)\\s]+\\)", "$1")
        .replaceAll("[*`]", "")
        .replaceAll("\\s+", " ");
  }
}
