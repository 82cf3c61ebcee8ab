package org.tlsuplift.server.manual;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.renderer.NodeRenderer;
import org.commonmark.renderer.html.AttributeProvider;
import org.commonmark.renderer.html.HtmlNodeRendererContext;
import org.commonmark.renderer.html.HtmlRenderer;
import org.commonmark.renderer.html.HtmlWriter;

/**
 * Renders a page as HTML for the admin port. Raw HTML in Markdown becomes text, and links with
 * schemes that could run code lose their address.
 */
final class HtmlPage {
  private static final String BASE = "/manual/";

  private final MarkdownPage page;
  private int tables;

  private HtmlPage(MarkdownPage page) {
    this.page = page;
  }

  /** Renders everything but the first heading, which the page's template shows. */
  static String render(MarkdownPage page) {
    HtmlPage html = new HtmlPage(page);
    HtmlRenderer renderer =
        HtmlRenderer.builder()
            .escapeHtml(true)
            .sanitizeUrls(true)
            .percentEncodeUrls(true)
            .attributeProviderFactory(context -> (AttributeProvider) html::attributes)
            // The first renderer for a kind of node wins, so ours comes before the extension's.
            .nodeRendererFactory(html::tables)
            .extensions(MarkdownPage.EXTENSIONS)
            .build();
    StringBuilder all = new StringBuilder();
    Node first = page.document().getFirstChild();
    for (Node each = first; each != null; each = each.getNext()) {
      if (each != first) {
        renderer.render(each, all);
      }
    }
    return all.toString();
  }

  private void attributes(Node node, String tag, Map<String, String> attributes) {
    if (node instanceof Heading) {
      attributes.put("id", page.anchor(node));
    } else if (node instanceof Link link) {
      point(link.getDestination(), "href", attributes);
    } else if (node instanceof Image image) {
      point(image.getDestination(), "src", attributes);
    } else if (tag.equals("pre")
        && (node instanceof FencedCodeBlock || node instanceof IndentedCodeBlock)) {
      attributes.put("tabindex", "0");
    }
  }

  private static void point(String destination, String attribute, Map<String, String> attributes) {
    LinkTarget target = LinkTarget.of(destination);
    if (target instanceof LinkTarget.Page page) {
      String anchor = page.anchor().isEmpty() ? "" : "#" + page.anchor();
      attributes.put(attribute, address(page.topic()) + anchor);
    } else if (target instanceof LinkTarget.Packaged file) {
      attributes.put(attribute, BASE + file.name());
    } else if (target instanceof LinkTarget.RepositoryOnly) {
      attributes.remove(attribute);
    }
  }

  private static String address(String topic) {
    return topic.isEmpty() ? "" : topic.equals(Manual.INDEX) ? "/manual" : BASE + topic;
  }

  private NodeRenderer tables(HtmlNodeRendererContext context) {
    return new NodeRenderer() {
      @Override
      public Set<Class<? extends Node>> getNodeTypes() {
        return Set.of(TableBlock.class);
      }

      @Override
      public void render(Node table) {
        scrolled(table, context);
      }
    };
  }

  /** Puts a table into a box that scrolls, also with the keyboard. */
  private void scrolled(Node table, HtmlNodeRendererContext context) {
    tables++;
    HtmlWriter html = context.getWriter();
    html.line();
    Map<String, String> box = new LinkedHashMap<>();
    box.put("class", "scroll");
    box.put("tabindex", "0");
    box.put("role", "region");
    box.put("aria-label", "Table " + tables);
    html.tag("div", box);
    html.tag("table", Map.of("class", "striped"));
    for (Node child = table.getFirstChild(); child != null; child = child.getNext()) {
      context.render(child);
    }
    html.tag("/table");
    html.tag("/div");
    html.line();
  }
}
