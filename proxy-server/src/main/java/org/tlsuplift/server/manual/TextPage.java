package org.tlsuplift.server.manual;

import java.util.ArrayList;
import java.util.List;
import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.node.BlockQuote;
import org.commonmark.node.BulletList;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.HardLineBreak;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.Image;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.ListBlock;
import org.commonmark.node.Node;
import org.commonmark.node.OrderedList;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;

/**
 * Renders a page for terminals: Markdown with wrapped lines, and with commands in place of links.
 */
public final class TextPage {
  private static final int NARROWEST = 20;

  private final MarkdownPage page;

  TextPage(MarkdownPage page) {
    this.page = page;
  }

  /**
   * The whole page.
   *
   * @param width of a line in characters; code and long words may be longer
   */
  public String all(int width) {
    return String.join("\n", blocks(page.document(), width, false));
  }

  /**
   * One section with its subsections.
   *
   * @param anchor of its heading
   * @param width of a line in characters; code and long words may be longer
   */
  public String section(String anchor, int width) {
    List<String> lines = new ArrayList<>();
    int level = 0;
    Node child = page.document().getFirstChild();
    for (; child != null; child = child.getNext()) {
      if (child instanceof Heading heading) {
        boolean wanted = page.anchor(heading).equals(anchor);
        level = wanted ? heading.getLevel() : heading.getLevel() <= level ? 0 : level;
      }
      if (level > 0) {
        lines.addAll(block(child, width));
        lines.add("");
      }
    }
    return String.join("\n", lines).stripTrailing();
  }

  /** The lines of all blocks in a node. */
  private static List<String> blocks(Node parent, int width, boolean tight) {
    List<String> lines = new ArrayList<>();
    for (Node child = parent.getFirstChild(); child != null; child = child.getNext()) {
      if (!lines.isEmpty() && !tight) {
        lines.add("");
      }
      lines.addAll(block(child, width));
    }
    return lines;
  }

  private static List<String> block(Node block, int given) {
    int width = Math.max(given, NARROWEST);
    if (block instanceof Heading heading) {
      return List.of("#".repeat(heading.getLevel()) + " " + inline(heading));
    }
    if (block instanceof FencedCodeBlock code) {
      return code(code.getLiteral());
    }
    if (block instanceof IndentedCodeBlock code) {
      return code(code.getLiteral());
    }
    if (block instanceof ListBlock list) {
      return list(list, width);
    }
    if (block instanceof BlockQuote) {
      return blocks(block, width - 2, false).stream().map(line -> "> " + line).toList();
    }
    if (block instanceof TableBlock table) {
      return TextTable.of(table).lines(width);
    }
    return wrap(inline(block), width);
  }

  private static List<String> code(String literal) {
    return literal.lines().map(line -> line.isEmpty() ? "" : "    " + line).toList();
  }

  private static List<String> list(ListBlock list, int width) {
    List<String> lines = new ArrayList<>();
    int number = list instanceof OrderedList ordered ? ordered.getMarkerStartNumber() : 0;
    for (Node item = list.getFirstChild(); item != null; item = item.getNext()) {
      String marker = list instanceof BulletList ? "- " : number++ + ". ";
      if (!lines.isEmpty() && !list.isTight()) {
        lines.add("");
      }
      List<String> content = blocks(item, width - marker.length(), list.isTight());
      for (int i = 0; i < content.size(); i++) {
        String indent = i == 0 ? marker : " ".repeat(marker.length());
        lines.add((indent + content.get(i)).stripTrailing());
      }
    }
    return lines;
  }

  /** Wraps a text. A word that is longer than a line gets its own line. Hard line breaks stay. */
  static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    for (String paragraph : text.split("\n", -1)) {
      StringBuilder line = new StringBuilder();
      for (String word : paragraph.split(" ", -1)) {
        if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
          lines.add(line.toString());
          line.setLength(0);
        }
        line.append(line.isEmpty() ? "" : " ").append(word);
      }
      lines.add(line.toString());
    }
    return lines;
  }

  /** The text in a block, on one line. */
  static String inline(Node parent) {
    StringBuilder text = new StringBuilder();
    for (Node child = parent.getFirstChild(); child != null; child = child.getNext()) {
      text.append(span(child));
    }
    return text.toString();
  }

  private static String span(Node node) {
    if (node instanceof Text text) {
      return text.getLiteral();
    }
    if (node instanceof Code code) {
      return "`" + code.getLiteral() + "`";
    }
    if (node instanceof HtmlInline html) {
      return html.getLiteral();
    }
    if (node instanceof SoftLineBreak) {
      return " ";
    }
    if (node instanceof HardLineBreak) {
      return "\n";
    }
    if (node instanceof Image image) {
      return "[picture: " + inline(image) + "]";
    }
    return node instanceof Link link ? inline(link) + target(link) : inline(node);
  }

  /** The hint printed after a link: how to open its target. */
  private static String target(Link link) {
    String destination = link.getDestination();
    LinkTarget target = LinkTarget.of(destination);
    if (target instanceof LinkTarget.Page page) {
      String anchor = page.anchor().isEmpty() ? "" : "#" + page.anchor();
      return page.topic().isEmpty() ? "" : " (tls-uplift manual " + page.topic() + anchor + ")";
    }
    if (target instanceof LinkTarget.Packaged file) {
      return " (tls-uplift manual --file " + file.name() + ")";
    }
    boolean shown = target instanceof LinkTarget.RepositoryOnly || inline(link).equals(destination);
    return shown ? "" : " (" + destination + ")";
  }
}
