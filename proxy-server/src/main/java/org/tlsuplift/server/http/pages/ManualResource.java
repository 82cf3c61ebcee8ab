package org.tlsuplift.server.http.pages;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.NavigationItem;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.manual.Manual;
import org.tlsuplift.server.manual.ManualFile;
import org.tlsuplift.server.manual.ManualMatch;
import org.tlsuplift.server.manual.ManualPage;

/**
 * The manual at {@code /manual}: its pages, a search, and the files that pages link to. A name from
 * a request is looked up only in the maps of {@link Manual}.
 */
public final class ManualResource implements FeaturePages {
  private static final String BASE = Navigation.MANUAL.path();

  /** The number of headings that fit above a page and leave its text visible. */
  private static final int MAX_HEADINGS = 12;

  private static final int MAX_QUERY = 200;

  @Override
  public List<NavigationItem> navigation() {
    return List.of(Navigation.MANUAL);
  }

  @Override
  public Group group(PageRenderer renderer) {
    return new Group(
        Stream.of(BASE, BASE + "/*")
            .map(path -> new ResourcePath(path, request -> answer(renderer, request)))
            .toList(),
        List.of());
  }

  private static Response answer(PageRenderer renderer, Request request) {
    String topic = below(request);
    Optional<ManualFile> file = Manual.get().file(topic);
    if (file.isPresent()) {
      return Response.bytes(200, file.get().contentType(), file.get().content());
    }
    Function<String, PageFrame> frames = title -> renderer.frame(request, title, Navigation.MANUAL);
    String query = request.parameter("q").map(ManualResource::cut).orElse("");
    if (topic.isEmpty() || topic.equals(Manual.INDEX)) {
      return renderer.page("manual", index(query, "", frames));
    }
    return Manual.get()
        .page(topic)
        .map(page -> renderer.page("manualpage", topic(page, frames)))
        .orElseGet(() -> renderer.page("manual", index(query, topic, frames), 404));
  }

  /**
   * The path below {@code /manual}; empty for the index. It is not decoded, because no name needs
   * that.
   */
  private static String below(Request request) {
    return request.path().length() <= BASE.length()
        ? ""
        : request.path().substring(BASE.length() + 1);
  }

  private static String cut(String query) {
    return query.length() > MAX_QUERY ? query.substring(0, MAX_QUERY) : query;
  }

  private static ManualIndexPage index(
      String query, String missing, Function<String, PageFrame> frames) {
    ManualPage index = Manual.get().index();
    String problem =
        missing.isEmpty()
            ? ""
            : "The manual has no page '"
                + PageText.visible(missing)
                + "'. Search, or choose a topic.";
    return new ManualIndexPage(
        frames.apply(missing.isEmpty() ? index.title().title() : "No such page"),
        query,
        problem,
        Manual.get().search(query).stream().map(ManualResource::found).toList(),
        index.html());
  }

  private static ManualIndexPage.Found found(ManualMatch match) {
    return new ManualIndexPage.Found(
        BASE + "/" + match.target(),
        match.page().title().title(),
        match.section().map(ManualPage.Section::title).orElse(""),
        match.section().isPresent() ? "" : match.page().summary());
  }

  private static ManualTopicPage topic(ManualPage page, Function<String, PageFrame> frames) {
    return new ManualTopicPage(
        frames.apply(page.title().title()),
        page.title().anchor(),
        page.sections().size() > 3 ? page.sections() : List.of(),
        page.sections().size() <= MAX_HEADINGS,
        page.html());
  }

  /**
   * The list of topics, or the results of a search.
   *
   * @param frame around it
   * @param query the words searched for; may be empty
   * @param problem why there is no page; may be empty
   * @param found by the search
   * @param html the list of topics, as HTML
   */
  record ManualIndexPage(
      PageFrame frame, String query, String problem, List<Found> found, String html) {
    /**
     * A result of a search.
     *
     * @param link to it
     * @param title of the page
     * @param section may be empty
     * @param summary of the page; may be empty
     */
    record Found(String link, String title, String section, String summary) {}
  }

  /**
   * A page of the manual.
   *
   * @param frame around it
   * @param anchor of its title
   * @param sections to list above it; empty if there are few
   * @param open whether that list is open at first
   * @param html its content
   */
  record ManualTopicPage(
      PageFrame frame,
      String anchor,
      List<ManualPage.Section> sections,
      boolean open,
      String html) {}
}
