package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.config.binding.Binder;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.binding.Section;
import org.tlsuplift.server.config.binding.YamlTree;

/** What is text, a number, true or false, or nothing, and what is no YAML for us. */
class YamlTreeTest {
  private record OneText(@Key(expected = "a text") @Nullable String a) {}

  private record OneNumber(@Key(fallback = "5", min = "0", max = "10") int a) {}

  private record OneFlag(boolean a) {}

  /** Only text has quotes in the JSON. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "12 | 12",
        "+12 | 12",
        "-12 | -12",
        "-0 | 0",
        "1_000 | 1000",
        "+1_000 | 1000",
        "-1_000 | -1000",
        "0777 | 511",
        "-0777 | -511",
        "0_7 | 7",
        "00 | 0",
        "0o17 | \"0o17\"",
        "08 | \"08\"",
        "0x1F | 31",
        "-0x1f | -31",
        "0x_ff_ff_ff_ff_ff_ff_ff_ff_ff | 4722366482869645213695",
        "0b101 | 5",
        "0b11111111111111111111111111111111 | 4294967295",
        "0xg | \"0xg\"",
        "2147483648 | 2147483648",
        "123456789012345678901234567890 | 123456789012345678901234567890",
        "1:30 | \"1:30\"",
        "10:20:30 | \"10:20:30\"",
        "10.0.0.1 | \"10.0.0.1\"",
        "1.5 | 1.5",
        "1_0.5_0 | 10.5",
        "+1_0.5 | 10.5",
        "1. | 1.0",
        "-.5 | -0.5",
        "1e3 | 1000.0",
        "1e | \"1e\"",
        "1,5 | \"1,5\"",
        "10m | \"10m\"",
        "2027-06-30 | \"2027-06-30\"",
        "2027-06-30T10:00:00Z | \"2027-06-30T10:00:00Z\"",
        "yes | \"yes\"",
        "On | \"On\"",
        "true | true",
        "TRUE | true",
        "no | \"no\"",
        "OFF | \"OFF\"",
        "False | false",
        "tRUE | \"tRUE\"",
        "y | \"y\"",
        "N | \"N\"",
        "~ | null",
        "null | null",
        "NULL | null",
        "nUll | \"nUll\"",
        "`` | \"\"",
        "'' | \"\"",
        "'12' | \"12\"",
        "\"yes\" | \"yes\"",
        "'~' | \"~\"",
        "! 12 | 12",
        "! '12' | 12",
        "!!str 12 | \"12\"",
        "!!str yes | \"yes\"",
        "!!str ~ | \"~\"",
        "!!int '12' | 12",
        "!!int twelve | \"twelve\"",
        "!!int '' | \"\"",
        "!!float 1 | 1.0",
        "!!bool y | \"y\"",
        "!!bool 'TRUE' | true",
        "!!bool 'nO' | \"nO\"",
        "!!bool 1 | \"1\"",
        "!!null x | null",
        "!!timestamp 2027-06-30 | \"2027-06-30\"",
        "!own 12 | \"12\"",
        "!!map {b: 1} | {\"b\":1}",
        "&x 12 | 12",
        "&x | \"\"",
        "= | \"=\"",
        "<< | \"<<\"",
        "{<<: {b: 1}} | {\"<<\":{\"b\":1}}",
        "{1: a, yes: b, ~: c, '': d} | {\"1\":\"a\",\"yes\":\"b\",\"~\":\"c\",\"\":\"d\"}",
        "[a, [1, ~], {b: yes, c: true}, ] | [\"a\",[1,null],{\"b\":\"yes\",\"c\":true}]",
        "[] | []",
        "{} | {}",
        "{b} | {\"b\":\"\"}",
        "[b: 1] | [{\"b\":1}]",
        "'a''b' | \"a'b\"",
        "\"a\\tb\\\\\\u00e9\" | \"a\\tb\\\\é\"",
        "\"a\\\"\\x01\" | \"a\\\"\\u0001\"",
        "a # a comment | \"a\"",
        "a#b | \"a#b\"",
        "`|;  two;   lines;` | \"two\\n lines\\n\"",
        ">-;  one;  line;  | \"one line\"",
        "one;  line | \"one line\"",
      })
  void aValue(String written, String json) {
    assertThat(problems("a: " + written.replace(';', '\n'))).isEmpty();
    assertThat(json("a: " + written.replace(';', '\n'))).isEqualTo("{\"a\":" + json + "}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "12 | got '12'; expected a text; put it in quotes",
        "0x1F | got '31'; expected a text; put it in quotes",
        "1e3 | got '1000.0'; expected a text; put it in quotes",
        "True | got 'true'; expected a text; put it in quotes",
        "!!binary aGk= | got 'aGk='; expected a text; put it in quotes",
        "~ | no value; expected a text",
        "`` | no value; expected a text",
        "' ' | no value; expected a text",
        "[1, [a, TRUE], ~, 0x10] | got '[1,[\"a\",true],null,16]'; expected a text",
        "{b: \"c\\n\"} | got '{\"b\":\"c\\n\"}'; expected a text",
      })
  void aValueThatIsNoText(String written, String problem) {
    Problems problems = new Problems();
    Section section = new Section(problems, "", YamlTree.parse("a: " + written, problems).root());

    assertThat(Binder.bind(section, OneText.class).a()).isNull();
    assertThat(problems.errors()).singleElement().hasToString("a: " + problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "-1 | 5 | got '-1'; expected a number from 0 to 10",
        "11 | 5 | got '11'; expected a number from 0 to 10",
        "4294967297 | 5 | got '4294967297'; expected a number from 0 to 10",
        "18446744073709551617 | 5 | got '18446744073709551617'; expected a number from 0 to 10",
        "1.0 | 5 | got '1.0'; expected a number from 0 to 10",
        "'1' | 5 | got '1'; expected a number from 0 to 10",
        "~ | 5 | no value; expected a number from 0 to 10",
        "[1] | 5 | got '[1]'; expected a number from 0 to 10",
        "0x0a | 10 | ``",
      })
  void aNumber(String written, int read, String problem) {
    Problems problems = new Problems();
    Section section = new Section(problems, "", YamlTree.parse("a: " + written, problems).root());

    assertThat(Binder.bind(section, OneNumber.class).a()).isEqualTo(read);
    assertThat(problems.errors().toString())
        .isEqualTo(problem.isEmpty() ? "[]" : "[a: " + problem + "]");
  }

  @ParameterizedTest
  @CsvSource({
    "true, true",
    "FALSE, false",
    "yes, false",
    "off, false",
    "'''true''', true",
    "'''no''', false",
    "0, false",
    "1.5, false",
    "~, false",
    "[true], false"
  })
  void aFlag(String written, boolean read) {
    Problems problems = new Problems();
    Section section = new Section(problems, "", YamlTree.parse("a: " + written, problems).root());

    assertThat(Binder.bind(section, OneFlag.class).a()).isEqualTo(read);
    assertThat(problems.errors()).hasSize(written.matches("true|FALSE") ? 0 : 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a: .inf | 1:8: invalid YAML: Malformed numeric value '.inf'",
        "a: -.INF | 1:9: invalid YAML: Malformed numeric value '-.INF'",
        "a: [.NaN] | 1:9: invalid YAML: Malformed numeric value '.NaN'",
        "a: 1:30.5 | 1:10: invalid YAML: Malformed numeric value '1:30.5'",
        "a: !!float x | 1:13: invalid YAML: Malformed numeric value 'x'",
        "a: {{.Values.a}} | 1:6: invalid YAML: Expected a field name (Scalar value in YAML), got this instead: <org.yaml.snakeyaml.events.MappingStartEvent(anchor=null, tag=null, implicit=true)>",
        "? [a];: b | 1:4: invalid YAML: Expected a field name (Scalar value in YAML), got this instead: <org.yaml.snakeyaml.events.SequenceStartEvent(anchor=null, tag=null, implicit=true)>",
        "a: &x b;*x : c | 2:3: invalid YAML: Expected a field name (Scalar value in YAML), got this instead: <org.yaml.snakeyaml.events.AliasEvent(anchor=x)>",
        "a: {b: 1, b: 2} | 1:12: duplicate key 'b'",
        "a: 1;'a': 2 | 2:4: duplicate key 'a'",
        "- {a: 1};- {a: 1, c: 2, a: 3} | 2:17: duplicate key 'a'",
        "a: &x 1;b: *x;c: [*y] | 2:4: got '*x' & 3:5: got '*y'",
        "a: *x;b: 1;b: 2 | 1:4: got '*x' & 3:2: duplicate key 'b'",
        "a: &x {b: 1};c: {<<: *x} | 2:9: got '*x'",
        "a: 1;---;b: *x | 3:4: got '*x' & 3:1: the file has a second document",
        "a: 1;---;b: [ | 3:5: invalid YAML: expected the node content, but found '<stream end>'",
        "a: 1;---; | 3:1: the file has a second document",
        "a: 1;...;---;b: 1;---;c: 1 | 4:1: the file has a second document",
        "---;---;a: 1 | 3:1: the file has a second document",
        "a: \"\\q\" | 1:6: invalid YAML: found unknown escape character q(113)",
        "a: 'b | 1:4: invalid YAML: a quotation mark is not closed",
        "%YAML 3.0;---;a: 1 | 1:1: invalid YAML: found incompatible YAML document (version 1.* is required)",
        "a: !x!y z | 1:4: invalid YAML: found undefined tag handle !x!",
      })
  void noYamlForUs(String written, String starts) {
    List<String> expected = List.of(starts.split(" & "));
    List<String> found = problems(written.replace(';', '\n'));
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.get(i)).startsWith(expected.get(i));
    }
  }

  @Test
  void aSignThatNoTextHas() {
    assertThat(problems("a: b\u0001"))
        .singleElement()
        .asString()
        .startsWith("1:1: invalid YAML: special characters are not allowed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# a comment\n", "\ufeff", "---", "~", "--- null\n...\n", "''"})
  void nothing(String yaml) {
    Problems problems = new Problems();
    Section section = new Section(problems, "", YamlTree.parse(yaml, problems).root());
    section.end();

    assertThat(problems.errors()).isEmpty();
    assertThat(section.has("a")).isFalse();
  }

  @Test
  void manyLevels() {
    assertThat(json("[".repeat(900) + "]".repeat(900))).hasSize(1800);
    assertThat(problems("[".repeat(1001) + "]".repeat(1001)))
        .singleElement()
        .asString()
        .startsWith("1:1002: invalid YAML: more than 1000 levels");
  }

  private static String json(String yaml) {
    return YamlTree.parse(yaml, new Problems()).root().toString();
  }

  private static List<String> problems(String yaml) {
    Problems problems = new Problems();
    YamlTree.parse(yaml, problems);
    return problems.errors().stream().map(each -> each.in("x").substring(2)).toList();
  }
}
