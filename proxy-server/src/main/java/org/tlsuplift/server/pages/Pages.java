package org.tlsuplift.server.pages;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.insight.overview.Span;
import org.tlsuplift.server.insight.switchoff.SwitchOff;
import org.tlsuplift.server.inventory.DeviceHistory;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.web.Answer;
import org.tlsuplift.server.web.Request;
import org.tlsuplift.server.web.Route;

/** The pages for people, and what browsers get with them. Thread-safe. */
public final class Pages {
  private final PageSources sources;
  private final Assets assets = Assets.load();
  private final Templates templates = new Templates(assets);
  private final OverviewReader overview;
  private final DeviceListReader devices;
  private final SwitchOffReader switchOff;
  private final Certificates certificates;

  public Pages(PageSources sources) {
    this.sources = sources;
    this.overview = new OverviewReader(sources);
    this.devices = new DeviceListReader(sources.listeners());
    this.switchOff = new SwitchOffReader(sources.listeners());
    this.certificates = new Certificates(sources.authorities());
  }

  public List<Route> routes() {
    List<Route> routes =
        new ArrayList<>(
            List.of(
                new Route(Section.OVERVIEW.path(), this::overview),
                new Route(Section.DEVICES.path(), request -> asked(request, this::devices)),
                new Route("/devices.csv", request -> asked(request, this::csv)),
                new Route("/devices.json", request -> asked(request, this::json)),
                new Route("/devices/{address}", request -> asked(request, this::device)),
                new Route(
                    Section.SWITCH_OFF.path(),
                    request -> asked(request, sources.switchOff(), this::switchOff)),
                new Route(Section.CERTIFICATES.path(), request -> certificates()),
                new Route(Section.CERTIFICATES.path() + "/{file}", this::certificate),
                new Route(Route.ANYWHERE_ELSE, this::nothing)));
    routes.addAll(assets.routes());
    return List.copyOf(routes);
  }

  private Answer overview(Request request) {
    Span span = Span.of(request.parameter("span").orElse(""));
    return page("overview", overview.read(span, frame("Overview", Section.OVERVIEW)));
  }

  /** Answers by what an inventory has. */
  private interface Asking<S> {
    Answer answer(S source, Request request) throws SQLException;
  }

  private Answer asked(Request request, Asking<Inventory> asking) {
    return asked(request, sources.inventory(), asking);
  }

  private <S> Answer asked(Request request, Optional<S> source, Asking<S> asking) {
    if (source.isEmpty()) {
      return problem(
          404,
          "No inventory",
          "No inventory is kept: inventory.enabled is false in the configuration.");
    }
    try {
      return asking.answer(source.get(), request);
    } catch (SQLException failed) {
      return problem(503, "The inventory does not answer", Trouble.of(failed));
    }
  }

  private Answer devices(Inventory inventory, Request request) throws SQLException {
    DeviceList list =
        devices.read(inventory, DeviceForm.of(request), frame("Devices", Section.DEVICES));
    return status(page("devices", list), list.problems().isEmpty() ? 200 : 400);
  }

  private Answer csv(Inventory inventory, Request request) throws SQLException {
    return export(inventory, request, DeviceExport::csv);
  }

  private Answer json(Inventory inventory, Request request) throws SQLException {
    return export(inventory, request, DeviceExport::json);
  }

  private interface Form {
    Answer of(DeviceExport export);
  }

  private Answer export(Inventory inventory, Request request, Form form) throws SQLException {
    DeviceForm.Reading asked = DeviceForm.of(request).read();
    if (!asked.problems().isEmpty()) {
      String all =
          asked.problems().entrySet().stream()
              .map(each -> each.getKey() + ": " + each.getValue())
              .collect(Collectors.joining("; "));
      return problem(400, "Nothing is exported", all);
    }
    DeviceQuery query = asked.query();
    return form.of(
        new DeviceExport(inventory.roll(query.filter(), query.sort(), query.descending())));
  }

  private Answer device(Inventory inventory, Request request) throws SQLException {
    Optional<DeviceHistory> history = inventory.device(request.variable());
    if (history.isEmpty()) {
      return problem(
          404, "No such device", "No device was seen at " + Text.visible(request.variable()) + ".");
    }
    String address = Text.visible(history.get().device().address());
    return page(
        "device",
        DevicePortraitReader.read(
            history.get(), frame(address, Section.DEVICES), sources.clock().instant()));
  }

  private Answer switchOff(SwitchOff source, Request request) throws SQLException {
    SwitchOffPage page =
        switchOff.read(source, request, frame("Can it be switched off?", Section.SWITCH_OFF));
    return status(page("switchoff", page), page.problem().isEmpty() ? 200 : 400);
  }

  private Answer certificates() {
    return page("certificates", certificates.page(frame("CA certificate", Section.CERTIFICATES)));
  }

  private Answer certificate(Request request) {
    return certificates
        .file(request.variable())
        .orElseGet(
            () ->
                problem(
                    404,
                    "No such certificate",
                    "There is no certificate " + Text.visible(request.variable()) + "."));
  }

  private Answer nothing(Request request) {
    return problem(
        404, "No such page", "There is no page at " + Text.visible(request.path()) + ".");
  }

  private Answer problem(int status, String title, String text) {
    return status(page("problem", new Problem(frame(title, null), title, text)), status);
  }

  private Answer page(String template, Record page) {
    return Answer.html(templates.render(template, page));
  }

  private static Answer status(Answer answer, int status) {
    return new Answer(status, answer.contentType(), answer.headers(), answer.body());
  }

  private Frame frame(String title, @Nullable Section section) {
    return new Frame(
        title,
        section,
        sources.machine(),
        sources.version(),
        Text.minute(sources.clock().instant()));
  }
}
