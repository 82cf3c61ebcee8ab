package org.tlsuplift.server.http.pages;

import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.tlsuplift.server.audit.AuditLog;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.inventory.DeviceCsv;
import org.tlsuplift.server.inventory.Rows;

/** The page of the audit log and its export. Thread-safe. */
record AuditPages(PageSources sources, PageRenderer renderer) {
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

  List<ResourcePath> routes() {
    return List.of(
        new ResourcePath(
            ALL.path(),
            Role.ADMINISTRATOR,
            request -> renderer.ask(sources.audit(), request, this::list)),
        new ResourcePath(
            CSV,
            Role.ADMINISTRATOR,
            request -> renderer.ask(sources.audit(), request, this::export)));
  }

  private AuditLog.Filter filter(ListForm form, Map<String, String> problems) {
    return new AuditLog.Filter(
        form.read("who", "", MAX_TEXT, text -> text, problems),
        form.read("action", "", MAX_TEXT, text -> text, problems),
        MessageForm.time(form, "from", sources.clock().instant(), problems),
        MessageForm.time(form, "to", sources.clock().instant(), problems));
  }

  private Response list(AuditLog source, Request request) throws SQLException {
    ListForm form = ALL.of(request);
    Map<String, String> problems = new LinkedHashMap<>();
    AuditLog.Filter filter = filter(form, problems);
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
            sources.clock().instant());
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

  private Response export(AuditLog source, Request request) {
    Map<String, String> problems = new LinkedHashMap<>();
    AuditLog.Filter filter = filter(ALL.of(request), problems);
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
