package org.tlsuplift.server.config.yaml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * A YAML text as a tree.
 *
 * @param root a missing node when the text is empty or wrong
 * @param positions where the keys are written
 */
public record YamlTree(JsonNode root, Positions positions) {
  private static final YAMLFactory YAML =
      YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final ObjectMapper MAPPER = new ObjectMapper(YAML);
  private static final String HINT =
      "check the indentation; put values that begin with *, [, {, & or ! in quotes";

  /** Reads a text; an error of syntax has a position and no key. */
  public static YamlTree parse(String text, Problems problems) {
    Positions positions = new Positions();
    try (YAMLParser parser = YAML.createParser(text)) {
      scan(text, positions, problems);
      JsonNode tree = MAPPER.readTree(parser);
      if (tree != null && parser.nextToken() != null) {
        problems.syntax(
            Positions.of(parser.currentTokenLocation()),
            "the file has a second document",
            "remove the line '---'");
      }
      return new YamlTree(tree == null ? MissingNode.getInstance() : tree, positions);
    } catch (JsonProcessingException wrong) {
      report(wrong, problems);
      return new YamlTree(MissingNode.getInstance(), positions);
    } catch (IOException impossible) {
      throw new IllegalStateException("reading from memory", impossible);
    }
  }

  /** Refuses aliases too: Jackson would read {@code to: *corp} as the text {@code corp}. */
  private static void scan(String text, Positions positions, Problems problems) throws IOException {
    try (YAMLParser parser = YAML.createParser(text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (!token.isStructEnd()) {
          positions.note(parser);
        }
        if (parser.isCurrentAlias()) {
          problems.syntax(
              Positions.of(parser.currentTokenLocation()),
              Problems.got("*" + parser.getText()),
              "aliases are not supported; put values that begin with * in quotes");
        }
      }
    }
  }

  private static void report(JsonProcessingException wrong, Problems problems) {
    if (wrong.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
      Mark mark = marked.getProblemMark();
      problems.syntax(
          new Position(mark.getLine() + 1, mark.getColumn() + 1),
          "invalid YAML: " + marked.getProblem(),
          HINT);
      return;
    }
    String first = wrong.getOriginalMessage().lines().findFirst().orElse("");
    boolean twice = first.startsWith("Duplicate field");
    problems.syntax(
        Positions.of(wrong.getLocation()),
        twice ? first.replace("Duplicate field", "duplicate key") : "invalid YAML: " + first,
        twice ? "remove one of the two" : HINT);
  }
}
