package org.tlsuplift.server.manual;

import java.util.List;
import java.util.Optional;

/**
 * A page of the manual. Immutable.
 *
 * @param topic its name in addresses and on the command line
 * @param title its first heading
 * @param summary its first paragraph, as plain text; may be empty
 * @param sections its other headings, in their order
 * @param html its content without the first heading; needs no more escaping
 * @param text its content for terminals
 */
public record ManualPage(
    String topic,
    Section title,
    String summary,
    List<Section> sections,
    String html,
    TextPage text) {
  public ManualPage {
    sections = List.copyOf(sections);
  }

  /**
   * A heading.
   *
   * @param level from 1
   * @param title itself, as plain text
   * @param anchor its id on the page, which is the one that GitHub gives it
   */
  public record Section(int level, String title, String anchor) {}

  /** The content of a section up to the next heading, as HTML. */
  public String html(Section section) {
    String below = html.substring(html.indexOf("id=\"" + section.anchor() + "\""));
    return below.substring(below.indexOf('\n') + 1).split("<h[1-6] id=", 2)[0];
  }

  /** The section with this anchor; empty if there is none. */
  public Optional<Section> section(String anchor) {
    return sections.stream().filter(section -> section.anchor().equals(anchor)).findFirst();
  }
}
