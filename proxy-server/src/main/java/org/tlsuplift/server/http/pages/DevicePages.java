package org.tlsuplift.server.http.pages;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.http.Visitor;
import org.tlsuplift.server.inventory.DeviceCsv;
import org.tlsuplift.server.inventory.DeviceHistory;
import org.tlsuplift.server.inventory.DeviceJson;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.Rows;

/** The pages of devices, and the exports of their list. Thread-safe. */
final class DevicePages {
  private final PageSources sources;
  private final PageRenderer renderer;
  private final MessagePages messages;
  private final DeviceListReader list;
  private final DeviceNotesPages notes;

  DevicePages(PageSources sources, PageRenderer renderer, MessagePages messages) {
    this.sources = sources;
    this.renderer = renderer;
    this.messages = messages;
    this.list = new DeviceListReader(sources.listeners());
    this.notes = new DeviceNotesPages(sources, renderer, this::device);
  }

  List<ResourcePath> routes() {
    List<ResourcePath> routes = new ArrayList<>(notes.routes());
    routes.addAll(
        List.of(
            new ResourcePath(Navigation.DEVICES.path(), request -> ask(request, this::list)),
            new ResourcePath("/devices.csv", request -> ask(request, this::csv)),
            new ResourcePath("/devices.json", request -> ask(request, this::json)),
            new ResourcePath("/devices/{address}", request -> ask(request, this::device))));
    return routes;
  }

  List<Action> actions() {
    return notes.actions();
  }

  private Response ask(Request request, PageRenderer.Asking<Inventory> asking) {
    return renderer.ask(sources.inventory(), request, asking);
  }

  private Response list(Inventory inventory, Request request) throws SQLException {
    DeviceListPage page =
        list.read(
            inventory,
            DeviceForm.of(request),
            renderer.frame(request, "Devices", Navigation.DEVICES),
            sources.clock().instant());
    return renderer.page("devices", page, page.problems().isEmpty() ? 200 : 400);
  }

  private Response csv(Inventory inventory, Request request) throws SQLException {
    return export(
        inventory,
        request,
        devices -> Response.csv("devices.csv", out -> DeviceCsv.write(devices, out)));
  }

  /** All devices as JSON, in the shape of {@code /api/devices}. */
  private Response json(Inventory inventory, Request request) throws SQLException {
    return export(
        inventory,
        request,
        devices ->
            Response.streamed("application/json", out -> DeviceJson.write(devices, out))
                .asFile("devices.json"));
  }

  /** All matching devices, written as they are read. */
  private Response export(
      Inventory inventory, Request request, Function<Rows<DeviceRecord>, Response> file)
      throws SQLException {
    DeviceForm.Reading asked = DeviceForm.read(DeviceForm.of(request));
    if (!asked.problems().isEmpty()) {
      return renderer.nothingExported(asked.problems());
    }
    DeviceQuery query = asked.query();
    return file.apply(inventory.list(query.filter(), query.sort(), query.descending()));
  }

  private Response device(Inventory inventory, Request request) throws SQLException {
    return device(inventory, request, request.variable(), Map.of());
  }

  private Response device(
      Inventory inventory, Request request, String at, Map<String, String> typed)
      throws SQLException {
    Optional<DeviceHistory> history = inventory.device(at);
    if (history.isEmpty()) {
      return renderer.problem(
          404, "No such device", "No device was seen at " + PageText.visible(at) + ".");
    }
    String address = PageText.visible(history.get().device().address());
    return renderer.page(
        "device",
        DeviceDetailsReader.read(
            history.get(),
            messages.latest(history.get().device().address()),
            renderer.frame(request, address, Navigation.DEVICES),
            notes.notes(request, history.get().device(), typed),
            request.visitor().by() == Visitor.By.NOTHING
                ? ""
                : sources.accounts().refusal(history.get().device().address()).orElse(""),
            sources.clock().instant()),
        typed.isEmpty() ? 200 : 409);
  }
}
