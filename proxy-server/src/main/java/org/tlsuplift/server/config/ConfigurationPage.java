package org.tlsuplift.server.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The commented default configuration as a page: one heading for each key, with its comments.
 *
 * <p>{@code #key: value} is a key that is not set, {@code # text} is a comment. A comment belongs
 * to the key that follows it; before a blank line it belongs to the key around it.
 */
public final class ConfigurationPage {
  private static final Pattern KEY =
      Pattern.compile("( *)(#?)(- )?([A-Za-z][A-Za-z0-9]*):(?: +([^#].*?))?(?: +# (.*))?");
  private static final Pattern COMMENT = Pattern.compile("( *)#(?: (.*))?");

  /** {@code # word what it means}, and its next lines. */
  private static final Pattern VALUE = Pattern.compile(" {2,6}(\\S(?:.*?\\S)?) {2,}(\\S.*)");

  /** One more value of a list, which has no room for a gap or needs no text. */
  private static final Pattern NEXT =
      Pattern.compile(" {2,6}(\"[^\"]*\"|\\S*[./:]\\S*)(?: +(\\S.*))?");

  private static final Pattern MORE = Pattern.compile(" {7,}(\\S.*)");

  private static final Pattern MARKED =
      Pattern.compile(
          "'?(tls-uplift manual ([a-z][a-z0-9-]*)(#[a-z0-9_-]+)?)'?"
              + "|(https://[^ ,;)]+)"
              + "|(?<![\\w'])'([^' ](?:[^']*[^' ])?)'(?![\\w'])");

  private static final String HEAD =
      """
      # Configuration

      This page explains every key of the configuration. It has the content of [`tls-uplift.yaml`](../../../../config/tls-uplift.yaml),
      which is the default and the file to copy.

      Editors with the YAML language server, such as VS Code with the extension "YAML", complete and check keys and values, and show
      these explanations. Put [`tls-uplift.schema.json`](../../../../config/tls-uplift.schema.json) beside your file, and keep its
      first line, or write the path of the schema there. The packages have it in `/usr/share/doc/tls-uplift/examples`. The schema
      knows no files and no other limits than those of single keys, so `tls-uplift check` has the last word.

      """;

  private static final String FOR_EDITORS = "# yaml-language-server:";

  private final List<String> intro = new ArrayList<>();
  private final Map<String, Key> keys = new LinkedHashMap<>();

  private final Deque<Level> levels = new ArrayDeque<>();
  private final List<String> pending = new ArrayList<>();
  private int pendingIndent;

  /** The comment behind the last key, and where it begins; -1 if there is none. */
  private List<String> last = new ArrayList<>();

  private int column = -1;

  private record Level(int indent, Key key) {}

  private static final class Key {
    final String path;
    final String value;
    final boolean set;
    final List<List<String>> comments = new ArrayList<>();

    /** What the items of a list are for that have names. */
    final List<String> items = new ArrayList<>();

    Key(String path, String value, boolean set) {
      this.path = path;
      this.value = value;
      this.set = set;
    }
  }

  /** Reads the commented default. */
  public ConfigurationPage(String yaml) {
    for (String line : yaml.lines().toList()) {
      if (!line.startsWith(FOR_EDITORS)) {
        read(line);
      }
    }
    endOfBlock();
  }

  private void read(String line) {
    Matcher key = KEY.matcher(line);
    Matcher comment = COMMENT.matcher(line);
    if (line.isBlank()) {
      endOfBlock();
    } else if (comment.matches() && comment.group(1).length() == column) {
      last.add(orEmpty(comment.group(2)));
    } else if (key.matches()) {
      read(key);
    } else if (comment.matches()) {
      pendingIndent = comment.group(1).length();
      pending.add(orEmpty(comment.group(2)));
      column = -1;
    } else {
      throw new IllegalArgumentException("neither a key nor a comment: " + line);
    }
  }

  private void read(Matcher found) {
    int indent = found.group(1).length() + orEmpty(found.group(3)).length();
    leave(indent);
    String name = found.group(4);
    String path = levels.isEmpty() ? name : levels.peek().key().path + "." + name;
    boolean set = found.group(2).isEmpty();
    String value = orEmpty(found.group(5));
    Key key = keys.computeIfAbsent(path, each -> new Key(each, value, set));
    if (!pending.isEmpty() && !levels.isEmpty() && name.equals("name")) {
      levels.peek().key().items.add("- " + code(value) + ": " + marked(String.join(" ", pending)));
    } else if (!pending.isEmpty()) {
      key.comments.add(List.copyOf(pending));
    }
    pending.clear();
    levels.push(new Level(indent, key));
    column = -1;
    if (found.group(6) != null) {
      last = new ArrayList<>(List.of(found.group(6)));
      key.comments.add(last);
      column = found.start(6) - 2;
    }
  }

  /** Leaves the keys that are not above one with this indent. */
  private void leave(int indent) {
    while (!levels.isEmpty() && levels.peek().indent() >= indent) {
      levels.pop();
    }
  }

  /** Comments behind which no key follows belong to the key around them. */
  private void endOfBlock() {
    column = -1;
    if (pending.isEmpty()) {
      return;
    }
    leave(pendingIndent);
    if (levels.isEmpty()) {
      intro.addAll(pending);
      intro.add("");
    } else {
      levels.peek().key().comments.add(List.copyOf(pending));
    }
    pending.clear();
  }

  private static String orEmpty(String group) {
    return group == null ? "" : group;
  }

  /** The page of the manual, in Markdown. */
  public String page() {
    return HEAD + markdown();
  }

  /** The keys, in Markdown. */
  public String markdown() {
    // The first line is the title of the file.
    List<String> text = intro.subList(Math.min(1, intro.size()), intro.size());
    StringBuilder page = new StringBuilder(prose(text).strip()).append('\n');
    keys.values().forEach(key -> page.append(described(key)));
    return page.toString();
  }

  /** The comments of each key, as Markdown in which paragraphs are lines. */
  public Map<String, String> descriptions() {
    Map<String, String> descriptions = new LinkedHashMap<>();
    keys.forEach(
        (path, key) ->
            descriptions.put(
                path,
                key.comments.stream()
                    .map(lines -> prose(lines).strip())
                    .map(text -> text.replaceAll("(?<=[^\n])\n(?=[^\n`-])", " "))
                    .collect(Collectors.joining("\n"))));
    return descriptions;
  }

  private String described(Key key) {
    long depth = key.path.chars().filter(each -> each == '.').count();
    StringBuilder text =
        new StringBuilder("\n")
            .append("#".repeat((int) Math.min(depth + 2, 6)))
            .append(' ')
            .append(key.path)
            .append("\n\n");
    String value = value(key);
    text.append(value.isEmpty() ? "" : value + "\n\n");
    text.append(
        key.comments.stream().map(ConfigurationPage::prose).collect(Collectors.joining("\n")));
    text.append(key.items.isEmpty() ? "" : "\n" + String.join("\n", key.items) + "\n");
    return text.toString().stripTrailing() + "\n";
  }

  private String value(Key key) {
    boolean parent = keys.keySet().stream().anyMatch(path -> path.startsWith(key.path + "."));
    if (parent) {
      return key.set ? "" : "Not set by default.";
    }
    String code = code(key.value);
    return key.set
        ? "Default: " + code
        : "Not set by default." + (key.value.isEmpty() ? "" : " Example: " + code);
  }

  private static String code(String text) {
    return text.contains("`") ? "`` " + text + " ``" : "`" + text + "`";
  }

  /** Comments with their lists of values, and with examples as code. */
  private static String prose(List<String> lines) {
    StringBuilder text = new StringBuilder();
    boolean inList = false;
    boolean inCode = false;
    for (String line : lines) {
      Matcher value = VALUE.matcher(line);
      Matcher more = MORE.matcher(line);
      Matcher next = NEXT.matcher(line);
      if (!inCode && value.matches() && !isCode(line)) {
        text.append(inList || text.isEmpty() ? "" : "\n");
        text.append("- ").append(code(value.group(1))).append(": ").append(marked(value.group(2)));
        inList = true;
      } else if (inList && next.matches() && !isCode(line)) {
        String meaning = orEmpty(next.group(2));
        text.append("- ").append(code(next.group(1))).append(meaning.isEmpty() ? "" : ": ");
        text.append(marked(meaning));
      } else if (inList && more.matches()) {
        text.setLength(text.length() - 1);
        text.append(' ').append(marked(more.group(1)));
      } else if (line.startsWith("  ")) {
        text.append(inCode ? "" : (text.isEmpty() ? "" : "\n") + "```text\n")
            .append(line.substring(2));
        inCode = true;
        inList = false;
      } else {
        text.append(inCode ? "```\n\n" : inList ? "\n" : "").append(marked(line));
        inCode = false;
        inList = false;
      }
      text.append('\n');
    }
    text.append(inCode ? "```\n" : "");
    return text.toString().replaceAll("\n{3,}", "\n\n");
  }

  private static boolean isCode(String line) {
    return line.matches(" *(- )?[A-Za-z]+: .*| *(java|tls-uplift) .*");
  }

  /** 'Names' in quotation marks become code, pages of the manual and addresses become links. */
  private static String marked(String text) {
    StringBuilder marked = new StringBuilder();
    Matcher found = MARKED.matcher(text);
    int end = 0;
    while (found.find()) {
      marked.append(escaped(text.substring(end, found.start())));
      if (found.group(2) != null) {
        marked.append("[").append(code(found.group(1))).append("](");
        marked.append(found.group(2)).append(".md").append(orEmpty(found.group(3))).append(")");
      } else if (found.group(4) != null) {
        marked.append('<').append(found.group(4)).append('>');
      } else {
        marked.append(code(found.group(5)));
      }
      end = found.end();
    }
    return marked.append(escaped(text.substring(end))).toString();
  }

  /** Text in which Markdown finds nothing to do. */
  private static String escaped(String text) {
    return text.replaceAll("([\\\\`*<\\[])", "\\\\$1");
  }
}
