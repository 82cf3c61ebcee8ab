package org.tlsuplift.server.manual;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The manual of this version. Immutable.
 *
 * <p>All lookups use maps that are filled once. No name from outside becomes part of a resource
 * name.
 */
public final class Manual {
  /** The topic of the page that lists all others. */
  public static final String INDEX = "index";

  private final ManualPage index;
  private final Map<String, ManualPage> pages;
  private final Map<String, ManualFile> files;
  private final List<ManualGroup> groups;

  private Manual(MarkdownPage index, Map<String, ManualPage> pages, Map<String, ManualFile> files) {
    this.index = index.page();
    this.groups = index.groups(pages);
    this.pages = pages;
    this.files = files;
  }

  /** The manual. The first call reads it from the jar. */
  public static Manual get() {
    return Holder.MANUAL;
  }

  private static final class Holder {
    static final Manual MANUAL = read();
  }

  private static Manual read() {
    MarkdownPage index = markdown(INDEX);
    Map<String, ManualPage> pages = new LinkedHashMap<>();
    Map<String, ManualFile> files = new LinkedHashMap<>();
    index.files().forEach(name -> files.computeIfAbsent(name, Manual::read));
    for (String topic : index.topics()) {
      MarkdownPage page = markdown(topic);
      page.files().forEach(name -> files.computeIfAbsent(name, Manual::read));
      pages.put(topic, page.page());
    }
    return new Manual(index, pages, files);
  }

  private static MarkdownPage markdown(String topic) {
    return MarkdownPage.parse(topic, new String(bytes(topic + ".md"), StandardCharsets.UTF_8));
  }

  private static ManualFile read(String name) {
    return new ManualFile(name, bytes(name));
  }

  private static byte[] bytes(String name) {
    try (InputStream in = Manual.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("manual/" + name + " is missing from the program");
      }
      return in.readAllBytes();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** The page that lists the topics. */
  public ManualPage index() {
    return index;
  }

  /** The pages under the headings of the index, in its order. */
  public List<ManualGroup> groups() {
    return groups;
  }

  /** All pages but the index, in its order. */
  public List<ManualPage> pages() {
    return List.copyOf(pages.values());
  }

  /** The page of a topic; empty if there is none. */
  public Optional<ManualPage> page(String topic) {
    return topic.equals(INDEX) ? Optional.of(index) : Optional.ofNullable(pages.get(topic));
  }

  /** The names of the files that pages link to, such as {@code config/alerts.yml}. */
  public List<String> files() {
    return List.copyOf(files.keySet());
  }

  /** A file that a page links to; empty if none does. */
  public Optional<ManualFile> file(String name) {
    return Optional.ofNullable(files.get(name));
  }

  /**
   * Finds pages and sections whose title contains all these words. The title of a page counts for
   * its sections too. Pages come before sections.
   *
   * @param text words in upper or lower case; no words find nothing
   */
  public List<ManualMatch> search(String text) {
    List<String> words = Stream.of(plain(text).split(" ")).filter(word -> !word.isEmpty()).toList();
    if (words.isEmpty()) {
      return List.of();
    }
    List<ManualMatch> inTitles = new ArrayList<>();
    List<ManualMatch> inSections = new ArrayList<>();
    for (ManualPage page : pages.values()) {
      String title = plain(page.topic() + " " + page.title().title());
      if (words.stream().allMatch(title::contains)) {
        inTitles.add(new ManualMatch(page, Optional.empty()));
      }
      for (ManualPage.Section section : page.sections()) {
        String heading = plain(section.title());
        boolean all =
            words.stream().allMatch(word -> heading.contains(word) || title.contains(word));
        if (all && words.stream().anyMatch(heading::contains)) {
          inSections.add(new ManualMatch(page, Optional.of(section)));
        }
      }
    }
    inTitles.addAll(inSections);
    return List.copyOf(inTitles);
  }

  private static String plain(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
  }
}
