package org.tlsuplift.server.config.binding;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.server.config.binding.Key.Refused;

/** Records get the values of a text, and all its problems are reported. */
class BinderTest {
  enum Colour implements Labelled {
    RED,
    BLUE
  }

  record Size(@Key(min = "1", max = "9") int width, @Key(min = "1", max = "9") int height) {}

  record Shop(
      @Key(required = true, listed = true, expected = "a name") @Nullable String name,
      @Key(fallback = "5s", min = "1s", max = "1m") Duration delay) {}

  record Everything(
      @Key(required = true, expected = "a text", remedy = "write one") String title,
      @Key(
              fallback = "red",
              refused = @Refused(words = "pink", why = "pink is sold out; write red"))
          Colour colour,
      @Key(inline = true) Size size,
      @Key(orSelf = true) List<Shop> shops,
      @Nullable Size box)
      implements Checked {
    @Override
    public void check(Section section) {
      if (colour == Colour.BLUE) {
        section.refuse("box", "a blue one has no box");
      }
    }
  }

  private final Problems problems = new Problems();

  private Everything bind(String yaml) {
    YamlNode defaults = YamlTree.parse("{width: 2, height: 3}", problems).root();
    YamlNode root = YamlTree.parse(yaml, problems).root();
    return Binder.bind(new Section(problems, "", root, defaults), Everything.class);
  }

  @Test
  void missingKeysHaveTheirDefaults() {
    assertThat(bind("title: a"))
        .isEqualTo(new Everything("a", Colour.RED, new Size(2, 3), List.of(), null));
    assertThat(problems.errors()).isEmpty();
  }

  @Test
  void keysOfAnInlineRecordAreThoseOfTheSection() {
    assertThat(bind("{title: a, height: 9}").size()).isEqualTo(new Size(2, 9));
    assertThat(problems.errors()).isEmpty();
  }

  @Test
  void aSectionStandsForTheOnlyEntryOfItsList() {
    assertThat(bind("{title: a, delay: 9s}").shops())
        .containsExactly(new Shop(null, Duration.ofSeconds(9)));
    assertThat(bind("{title: a, shops: [{name: b}]}").shops())
        .containsExactly(new Shop("b", Duration.ofSeconds(5)));
    assertThat(problems.errors()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "colour: red | title: missing; expected a text; write one",
        "title: a, colour: pink | colour: got 'pink'; expected red, blue; pink is sold out; write red",
        "title: a, colour: blu | colour: got 'blu'; expected red, blue; did you mean 'blue'?",
        "title: a, width: 10 | width: got '10'; expected a number from 1 to 9",
        "title: a, delay: 2m | delay: got '2m'; expected a time from 1s to 1m, such as 500ms, 10s, 10m, 2h or 30d",
        "title: a, name: b | name: unknown key; expected title, colour, width, height, shops, delay, box",
        "title: a, shops: [{delay: 2s}] | shops[0].name: missing; expected a name",
        "title: a, shops: [{name: b}], delay: 2s | delay: the key has no effect here; 'shops' is set too; move the key to one of the shops",
        "title: a, box: 7 | box: got '7'; expected a section with keys",
        "title: a, box: {depth: 1, width: 1, height: 1} | box.depth: unknown key; expected width, height",
      })
  void reportsAProblem(String yaml, String problem) {
    bind("{" + yaml + "}");
    assertThat(problems.errors()).singleElement().hasToString(problem);
  }

  @Test
  void aKeyWithoutEffectHasNoOtherProblem() {
    bind("{title: a, colour: blue, box: {width: 100, depth: 1}}");
    assertThat(problems.errors())
        .singleElement()
        .hasToString("box: the key has no effect here; a blue one has no box");
  }

  @Test
  void reportsAllProblemsAtOnce() {
    bind("{title: [], colour: 1, width: x, shops: a, other: b}");
    assertThat(problems.errors())
        .extracting(ConfigProblem::path)
        .containsExactly("title", "colour", "width", "shops", "other");
  }
}
