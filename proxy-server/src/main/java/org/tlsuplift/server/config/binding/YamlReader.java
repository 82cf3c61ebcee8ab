package org.tlsuplift.server.config.binding;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/** Makes a tree of the events of SnakeYAML's parser. For one text. */
final class YamlReader {
  private static final int MAX_DEPTH = 1000;
  private static final String HINT =
      "check the indentation; put values that begin with *, [, {, & or ! in quotes";

  private static final String UNCLOSED = "while scanning a quoted scalar";

  /** As SnakeYAML counts lines. */
  private static final Pattern LINE_END = Pattern.compile("\r\n|[\r\n\u0085\u2028\u2029]");

  private static final Pattern NO_BLANK = Pattern.compile("^[ -]*([A-Za-z]+:)[^ /].*");

  private final List<String> lines;
  private final Parser events;
  private final Problems problems;
  private final Positions positions = new Positions();
  private Position end = new Position(1, 1);

  YamlReader(String text, Problems problems) {
    this.lines = List.of(LINE_END.split(text, -1));
    this.events = new ParserImpl(new StreamReader(text), new LoaderOptions());
    this.problems = problems;
  }

  Positions positions() {
    return positions;
  }

  /** The tree; missing if the text is empty or wrong. */
  YamlNode read() {
    try {
      return document();
    } catch (Refusal refusal) {
      wrong(refusal.got, refusal.hint);
    } catch (MarkedYAMLException wrong) {
      if (UNCLOSED.equals(wrong.getContext())) {
        problems.syntax(
            Position.of(wrong.getContextMark()),
            "invalid YAML: a quotation mark is not closed",
            "write the same mark at the end of the value");
      } else {
        problems.syntax(
            Position.of(wrong.getProblemMark()),
            "invalid YAML: " + wrong.getProblem(),
            hint(wrong.getProblemMark().getLine()));
      }
    } catch (YAMLException | NumberFormatException wrong) {
      // The parser reads one kind of number itself: the version of YAML.
      wrong("invalid YAML: " + wrong.getMessage(), HINT);
    }
    return YamlNode.MISSING;
  }

  /** A key without a blank after its colon joins the next line, where the parser fails. */
  private String hint(int line) {
    int end = Math.min(line + 1, lines.size());
    return lines.subList(Math.min(Math.max(0, line - 1), end), end).stream()
        .map(NO_BLANK::matcher)
        .filter(Matcher::matches)
        .findFirst()
        .map(key -> "put a blank after '" + key.group(1) + "'")
        .orElse(HINT);
  }

  /** Reads to the end of the text, so that an error after the first document is reported too. */
  private YamlNode document() throws Refusal {
    YamlNode root = YamlNode.MISSING;
    @Nullable Position second = null;
    for (Event event = next(); !event.is(Event.ID.StreamEnd); event = next()) {
      if (event instanceof NodeEvent) {
        Position start = Position.of(event.getStartMark());
        YamlNode read = node(event, "", 0);
        if (root.isMissing()) {
          root = read;
        } else if (second == null) {
          second = start;
        }
      }
    }
    if (second != null) {
      problems.syntax(second, "the file has a second document", "remove the line '---'");
    }
    return root;
  }

  private Event next() {
    Event event = events.getEvent();
    end = Position.of(event.getEndMark());
    return event;
  }

  private YamlNode node(Event event, String path, int depth) throws Refusal {
    if (depth >= MAX_DEPTH) {
      throw new Refusal("invalid YAML: more than " + MAX_DEPTH + " levels", HINT);
    }
    if (event instanceof MappingStartEvent) {
      return mapping(path, depth);
    }
    if (event instanceof SequenceStartEvent) {
      return list(path, depth);
    }
    if (event instanceof AliasEvent alias) {
      problems.syntax(
          Position.of(alias.getStartMark()),
          Problems.got("*" + alias.getAnchor()),
          "aliases are not supported; put values that begin with * in quotes");
      return Scalars.text(alias.getAnchor());
    }
    return scalar((ScalarEvent) event);
  }

  private YamlNode mapping(String path, int depth) throws Refusal {
    Map<String, YamlNode> entries = new LinkedHashMap<>();
    for (Event event = next(); !event.is(Event.ID.MappingEnd); event = next()) {
      if (!(event instanceof ScalarEvent key)) {
        throw new Refusal(
            "invalid YAML: Expected a field name (Scalar value in YAML), got this instead: "
                + event,
            HINT);
      }
      String name = key.getValue();
      if (entries.containsKey(name)) {
        // Without what follows a colon, which may be a secret without a blank before it.
        String shown = name.replaceFirst("(?s):.*", ":...");
        throw new Refusal("duplicate key '" + shown + "'", "remove one of the two");
      }
      String at = path.isEmpty() ? name : path + "." + name;
      positions.note(at, Position.of(key.getStartMark()));
      entries.put(name, node(next(), at, depth + 1));
    }
    return YamlNode.mapping(entries);
  }

  private YamlNode list(String path, int depth) throws Refusal {
    List<YamlNode> items = new ArrayList<>();
    for (Event event = next(); !event.is(Event.ID.SequenceEnd); event = next()) {
      String at = path + "[" + items.size() + "]";
      positions.note(at, Position.of(event.getStartMark()));
      items.add(node(event, at, depth + 1));
    }
    return YamlNode.list(items);
  }

  private YamlNode scalar(ScalarEvent event) {
    try {
      return Scalars.read(event);
    } catch (NumberFormatException wrong) {
      wrong("invalid YAML: Malformed numeric value '" + event.getValue() + "'", HINT);
      return YamlNode.MISSING;
    }
  }

  private void wrong(String got, String hint) {
    problems.syntax(end, got.lines().findFirst().orElse(""), hint);
  }

  /** Ends the reading; the last event is the wrong one. */
  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final String got;
    private final String hint;

    Refusal(String got, String hint) {
      this.got = got;
      this.hint = hint;
    }
  }
}
