package org.tlsuplift.server.http.pages;

import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.tlsuplift.server.audit.AuditLog;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.inventory.DeviceCsv;
import org.tlsuplift.server.inventory.Rows;

/**
 * The page of the audit log and its export. Thread-safe.
 *
 * @param audit what people and programs changed; empty without an inventory
 */
public record AuditPages(Optional<AuditLog> audit) implements FeaturePages {
  private static final List<String> FIELDS = List.of("who", "action", "from", "to");
  private static final ListForm ALL = new ListForm("/audit", FIELDS);
  private static final String CSV = "/audit.csv";

  /** The columns of the export; the id is the last. */
  private static final List<String> COLUMNS =
      Stream.concat(AuditRecord.FIELDS.stream().skip(1), Stream.of("id")).toList();

  private static final int SIZE = 50;
  private static final int MAX_TEXT = 320;

  /**
   * The texts of the page.
   *
   * @param problems of the form, by field
   * @param summary the number of records, in words
   * @param csv address of the same list as CSV
   */
  record AuditPage(
      PageFrame frame,
      ListForm form,
      Map<String, String> problems,
      String summary,
      List<AuditRecord> records,
      List<DeviceListPage.Step> pages,
      String csv,
      Instant now) {
    /** Whether the form selects some records. */
    boolean narrows() {
      return form.has(FIELDS);
    }

    String problem(String name) {
      return problems.getOrDefault(name, "");
    }
  }

  @Override
  public Group group(PageRenderer renderer) {
    return new Group(
        List.of(
            new ResourcePath(
                ALL.path(),
                Role.ADMINISTRATOR,
                request -> renderer.ask(audit, request, AuditPages::list)),
            new ResourcePath(
                CSV,
                Role.ADMINISTRATOR,
                request -> renderer.ask(audit, request, AuditPages::export))),
        List.of());
  }

  private static AuditLog.Filter filter(ListForm form, Map<String, String> problems, Instant now) {
    return new AuditLog.Filter(
        form.read("who", "", MAX_TEXT, text -> text, problems),
        form.read("action", "", MAX_TEXT, text -> text, problems),
        MessageForm.time(form, "from", now, problems),
        MessageForm.time(form, "to", now, problems));
  }

  private static Response list(AuditLog source, Request request, PageRenderer renderer)
      throws SQLException {
    ListForm form = ALL.of(request);
    Map<String, String> problems = new LinkedHashMap<>();
    AuditLog.Filter filter = filter(form, problems, renderer.now());
    int number = form.page(new LinkedHashMap<>());
    AuditLog.Page found =
        problems.isEmpty()
            ? source.page(filter, (number - 1) * SIZE, SIZE)
            : new AuditLog.Page(List.of(), 0);
    AuditPage page =
        new AuditPage(
            renderer.frame(request, "Audit log", Navigation.CONFIGURATION),
            form,
            problems,
            summary(problems.isEmpty(), number, found),
            found.records(),
            ListParts.steps(number, SIZE, found.total(), to -> form.onPage(to).link()),
            form.onPage(1).link(CSV),
            renderer.now());
    return renderer.page("audit", page, problems.isEmpty() ? 200 : 400);
  }

  private static String summary(boolean sound, int number, AuditLog.Page found) {
    if (!sound) {
      return "Nothing is listed: correct the form.";
    }
    return found.total() == 0
        ? "Nothing is recorded, or nothing matches."
        : ListParts.summary("record", number, SIZE, found.records().size(), found.total());
  }

  private static Response export(AuditLog source, Request request, PageRenderer renderer) {
    Map<String, String> problems = new LinkedHashMap<>();
    AuditLog.Filter filter = filter(ALL.of(request), problems, renderer.now());
    if (!problems.isEmpty()) {
      return renderer.nothingExported(problems);
    }
    Rows<AuditRecord> records = receiver -> source.forEach(filter, receiver::accept);
    return Response.csv(
        "audit.csv", out -> records.csv(String.join(",", COLUMNS), AuditPages::line, out));
  }

  private static String line(AuditRecord written) {
    Map<String, String> fields = written.fields();
    fields.put("at", written.at().toString());
    return DeviceCsv.row(COLUMNS.stream().map(fields::get).toArray());
  }
}
