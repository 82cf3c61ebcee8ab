package org.tlsuplift.server.console;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.http.Visitor;

/**
 * Renders pages with the templates in {@code src/main/jte}, which the build compiles. Immutable.
 */
public final class PageRenderer {
  private final Site site;
  private final List<NavigationItem> navigation;
  private final Templates templates;

  /**
   * What all pages say about the daemon.
   *
   * @param machine the name of its machine
   * @param missingForActions what the port lacks so that the pages can change something; empty if
   *     nothing
   */
  public record Site(String machine, String version, String missingForActions, Clock clock) {}

  public PageRenderer(Site site, List<NavigationItem> navigation, Templates templates) {
    this.site = site;
    this.navigation =
        navigation.stream().sorted(Comparator.comparingInt(NavigationItem::place)).toList();
    this.templates = templates;
  }

  public Instant now() {
    return site.clock().instant();
  }

  /** The parts that all pages share, with the time of now. Takes the notice for this page. */
  public PageFrame frame(Request request, String title, @Nullable NavigationItem navigationItem) {
    Visitor visitor = request.visitor();
    return frame(
        title,
        navigationItem,
        visitor.by() == Visitor.By.SESSION ? PageText.visible(visitor.name()) : "",
        visitor.forms().notice(request.path()));
  }

  private PageFrame frame(
      String title, @Nullable NavigationItem navigationItem, String user, String notice) {
    return new PageFrame(
        title,
        navigation.stream().filter(item -> item.shown().getAsBoolean()).toList(),
        navigationItem,
        site.machine(),
        site.version(),
        PageText.minute(now()),
        user,
        notice);
  }

  /** The form of an action, or why this visitor cannot send it. */
  public ActionForm form(Request request, Action action) {
    String why = why(request.visitor(), action.role());
    String token = why.isEmpty() ? request.visitor().forms().token(action.path()) : "";
    return new ActionForm(action.path(), request.path(), token, why);
  }

  private String why(Visitor visitor, Role needed) {
    if (!site.missingForActions().isEmpty()) {
      return PageText.whole(site.missingForActions());
    }
    if (visitor.by() != Visitor.By.SESSION) {
      return "Sign in with the form to change something here.";
    }
    return visitor.role().includes(needed)
        ? ""
        : "This needs the role %s; you have the role %s."
            .formatted(needed.label(), visitor.role().label());
  }

  /** The page for a request that was refused. */
  public Response refused(Request request, int status, String why, String back) {
    return page(
        "problem",
        new ProblemPage(frame(request, "Not done", null), "Not done", PageText.whole(why), back),
        status);
  }

  /**
   * A page.
   *
   * @param template the name of its template
   * @param page its texts
   */
  public Response page(String template, Record page) {
    return page(template, page, 200);
  }

  public Response page(String template, Record page, int status) {
    Response html = Response.html(templates.render(template, page));
    return new Response(status, html.contentType(), html.headers(), html.body());
  }

  /**
   * A page that reports a problem.
   *
   * @param title the problem, in a few words
   * @param text what to do
   */
  public Response problem(int status, String title, String text) {
    return page("problem", new ProblemPage(frame(title, null, "", ""), title, text, ""), status);
  }

  /** Makes a response from the inventory. */
  public interface Asking<S> {
    Response answer(S source, Request request, PageRenderer renderer) throws SQLException;
  }

  /**
   * The response, or a page that says why there is none.
   *
   * @param source empty if no inventory is kept
   */
  public <S> Response ask(Optional<S> source, Request request, Asking<S> asking) {
    if (source.isEmpty()) {
      return problem(
          404,
          "No inventory",
          "No inventory is kept: inventory.enabled is false in the configuration.");
    }
    try {
      return asking.answer(source.get(), request, this);
    } catch (SQLException failed) {
      return problem(503, "The inventory does not answer", PageText.unreadable(failed));
    }
  }

  /** The page for an export whose form has problems, by field. */
  public Response nothingExported(Map<String, String> problems) {
    String all =
        problems.entrySet().stream()
            .map(each -> each.getKey() + ": " + each.getValue())
            .collect(Collectors.joining("; "));
    return problem(400, "Nothing is exported", all);
  }

  /**
   * The texts of a page that reports a problem.
   *
   * @param back the page to go back to; empty for the list of all
   */
  public record ProblemPage(PageFrame frame, String title, String text, String back) {}

  /** The compiled templates. They are loaded with the first page. */
  public static final class Templates {
    private final String compiledInto;
    private final Assets assets;
    private @Nullable TemplateEngine engine;

    /**
     * @param compiledInto the package of the build
     */
    public Templates(String compiledInto, Assets assets) {
      this.compiledInto = compiledInto;
      this.assets = assets;
    }

    public String render(String template, Record page) {
      StringOutput out = new StringOutput(1 << 15);
      engine().render(template + ".jte", Map.of("page", page, "assets", assets), out);
      return out.toString();
    }

    private synchronized TemplateEngine engine() {
      if (engine == null) {
        ClassLoader program = Templates.class.getClassLoader();
        engine = TemplateEngine.createPrecompiled(null, ContentType.Html, program, compiledInto);
      }
      return engine;
    }
  }
}
