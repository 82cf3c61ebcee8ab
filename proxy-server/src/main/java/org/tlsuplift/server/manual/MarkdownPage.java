package org.tlsuplift.server.manual;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.ext.heading.anchor.IdGenerator;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.HardLineBreak;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;

/**
 * A page in Markdown, with data read from it.
 *
 * @param topic the name of the page's file without {@code .md}
 * @param document the parsed page, which must not be changed
 * @param anchors the anchors of the headings
 */
record MarkdownPage(String topic, Node document, Map<Node, String> anchors) {
  static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());

  private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();

  static MarkdownPage parse(String topic, String source) {
    Node document = PARSER.parse(source);
    Map<Node, String> anchors = new HashMap<>();
    IdGenerator generator = IdGenerator.builder().build();
    for (Heading heading : all(document, Heading.class)) {
      anchors.put(heading, generator.generateId(plain(heading)));
    }
    return new MarkdownPage(topic, document, anchors);
  }

  ManualPage page() {
    List<Heading> headings = all(document, Heading.class);
    Node first = document.getFirstChild();
    if (!(first instanceof Heading title) || title.getLevel() != 1) {
      throw new IllegalStateException(topic + ".md must begin with a heading of level 1");
    }
    Node second = title.getNext();
    return new ManualPage(
        topic,
        section(title),
        second instanceof Paragraph paragraph ? plain(paragraph) : "",
        headings.stream().skip(1).map(this::section).toList(),
        HtmlPage.render(this),
        new TextPage(this));
  }

  private ManualPage.Section section(Heading heading) {
    return new ManualPage.Section(heading.getLevel(), plain(heading), anchor(heading));
  }

  String anchor(Node heading) {
    return anchors.getOrDefault(heading, "");
  }

  /** The pages that it links to, under its headings. */
  List<ManualGroup> groups(Map<String, ManualPage> pages) {
    List<ManualGroup> groups = new ArrayList<>();
    String title = "";
    for (Node node = document.getFirstChild(); node != null; node = node.getNext()) {
      if (node instanceof Heading heading) {
        title = plain(heading);
      }
      List<ManualPage> linked =
          topics(node).stream().flatMap(name -> Stream.ofNullable(pages.get(name))).toList();
      if (!linked.isEmpty()) {
        groups.add(new ManualGroup(title, linked));
      }
    }
    return groups;
  }

  /** The topics that it links to, in their order, each once. */
  List<String> topics() {
    return topics(document);
  }

  private List<String> topics(Node root) {
    return targets(root)
        .flatMap(
            target ->
                target instanceof LinkTarget.Page page ? Stream.of(page.topic()) : Stream.empty())
        .filter(name -> !name.isEmpty() && !name.equals(topic))
        .distinct()
        .toList();
  }

  /** The names of the files that it links to or shows. */
  List<String> files() {
    return targets(document)
        .flatMap(
            target ->
                target instanceof LinkTarget.Packaged file
                    ? Stream.of(file.name())
                    : Stream.empty())
        .distinct()
        .toList();
  }

  private static Stream<LinkTarget> targets(Node root) {
    return Stream.concat(
            all(root, Link.class).stream().map(Link::getDestination),
            all(root, Image.class).stream().map(Image::getDestination))
        .map(LinkTarget::of);
  }

  /** All nodes of a kind, in the order of the text. */
  static <T extends Node> List<T> all(Node root, Class<T> kind) {
    List<T> found = new ArrayList<>();
    collect(root, kind, found);
    return found;
  }

  private static <T extends Node> void collect(Node node, Class<T> kind, List<T> found) {
    if (kind.isInstance(node)) {
      found.add(kind.cast(node));
    }
    for (Node child = node.getFirstChild(); child != null; child = child.getNext()) {
      collect(child, kind, found);
    }
  }

  /** The text without the marks of Markdown. */
  static String plain(Node node) {
    StringBuilder text = new StringBuilder();
    node.accept(
        new AbstractVisitor() {
          @Override
          public void visit(Text each) {
            text.append(each.getLiteral());
          }

          @Override
          public void visit(Code each) {
            text.append(each.getLiteral());
          }

          @Override
          public void visit(SoftLineBreak each) {
            text.append(' ');
          }

          @Override
          public void visit(HardLineBreak each) {
            text.append(' ');
          }
        });
    return text.toString();
  }
}
