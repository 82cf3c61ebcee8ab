package org.tlsuplift.server.config.yaml;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** Reads YAML into a tree, and tells line and column where it is not YAML. */
public final class YamlTree {
  private static final YAMLFactory YAML =
      YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final ObjectMapper MAPPER = new ObjectMapper(YAML);
  private static final String HINT =
      "check the indentation, and put in quotes what begins with *, [, {, & or !";

  private YamlTree() {}

  /** The tree; a missing node when the text is empty or wrong. */
  public static JsonNode parse(String text, Problems problems) {
    try (YAMLParser parser = YAML.createParser(text)) {
      refuseAliases(text, problems);
      JsonNode tree = MAPPER.readTree(parser);
      if (tree != null && parser.nextToken() != null) {
        problems.error(
            at(parser.currentTokenLocation()), "a second document", "", "remove the line '---'");
      }
      return tree == null ? MissingNode.getInstance() : tree;
    } catch (JsonProcessingException wrong) {
      report(wrong, problems);
      return MissingNode.getInstance();
    } catch (IOException impossible) {
      throw new IllegalStateException("reading from memory", impossible);
    }
  }

  /** Jackson would take an alias for a text: {@code to: *corp} would read as {@code corp}. */
  private static void refuseAliases(String text, Problems problems) throws IOException {
    try (YAMLParser parser = YAML.createParser(text)) {
      for (Object token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (parser.isCurrentAlias()) {
          problems.error(
              at(parser.currentTokenLocation()),
              Problems.got("*" + parser.getText()),
              "",
              "put in quotes what begins with *; YAML's aliases are not used here");
        }
      }
    }
  }

  private static void report(JsonProcessingException wrong, Problems problems) {
    if (wrong.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
      problems.error(
          "line "
              + (marked.getProblemMark().getLine() + 1)
              + ", column "
              + (marked.getProblemMark().getColumn() + 1),
          "not YAML: " + marked.getProblem(),
          "",
          HINT);
      return;
    }
    String first = wrong.getOriginalMessage().lines().findFirst().orElse("");
    boolean twice = first.startsWith("Duplicate field");
    problems.error(
        at(wrong.getLocation()),
        twice
            ? first.replace("Duplicate field", "the key is written twice:")
            : "not YAML: " + first,
        "",
        twice ? "remove one of the two" : HINT);
  }

  private static String at(JsonLocation location) {
    return "line " + location.getLineNr() + ", column " + location.getColumnNr();
  }
}
