package org.tlsuplift.server.http.pages;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.NavigationItem;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.console.PageText;
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
import org.tlsuplift.server.inventory.messages.MessageFilter;
import org.tlsuplift.server.inventory.messages.Messages;
import org.tlsuplift.server.inventory.messages.StoredMessage;

/**
 * The pages of devices, and the exports of their list. Thread-safe.
 *
 * @param inventory empty for none
 * @param messages the message trail; empty without one
 * @param listeners their names, in the order of the configuration
 * @param refusals why the latest sign-in from an address was refused
 * @param macs the addresses of devices by MAC address, in lower case without separators
 * @param journal must have room for the records of an import
 */
public record DevicePages(
    Optional<Inventory> inventory,
    Optional<Messages> messages,
    List<String> listeners,
    Function<String, Optional<String>> refusals,
    Callable<Map<String, String>> macs,
    AuditJournal journal)
    implements FeaturePages {
  /** The messages on the page of a device. */
  private static final int MESSAGES = 10;

  @Override
  public List<NavigationItem> navigation() {
    return List.of(Navigation.DEVICES);
  }

  @Override
  public Group group(PageRenderer renderer) {
    DeviceNotesPages notes = notes(renderer);
    List<ResourcePath> routes = new ArrayList<>(notes.routes());
    routes.addAll(
        List.of(
            route(Navigation.DEVICES.path(), renderer, this::list),
            route("/devices.csv", renderer, DevicePages::csv),
            route("/devices.json", renderer, DevicePages::json),
            route("/devices/{address}", renderer, this::device)));
    return new Group(routes, notes.actions());
  }

  private DeviceNotesPages notes(PageRenderer renderer) {
    return new DeviceNotesPages(inventory, macs, journal, renderer, this::device);
  }

  private ResourcePath route(
      String path, PageRenderer renderer, PageRenderer.Asking<Inventory> page) {
    return new ResourcePath(path, request -> renderer.ask(inventory, request, page));
  }

  private Response list(Inventory inventory, Request request, PageRenderer renderer)
      throws SQLException {
    DeviceListPage page =
        new DeviceListReader(listeners)
            .read(
                inventory,
                DeviceForm.of(request),
                renderer.frame(request, "Devices", Navigation.DEVICES),
                renderer.now());
    return renderer.page("devices", page, page.problems().isEmpty() ? 200 : 400);
  }

  private static Response csv(Inventory inventory, Request request, PageRenderer renderer)
      throws SQLException {
    return export(
        inventory,
        request,
        renderer,
        devices -> Response.csv("devices.csv", out -> DeviceCsv.write(devices, out)));
  }

  /** All devices as JSON, in the shape of {@code /api/devices}. */
  private static Response json(Inventory inventory, Request request, PageRenderer renderer)
      throws SQLException {
    return export(
        inventory,
        request,
        renderer,
        devices ->
            Response.streamed("application/json", out -> DeviceJson.write(devices, out))
                .asFile("devices.json"));
  }

  /** All matching devices, written as they are read. */
  private static Response export(
      Inventory inventory,
      Request request,
      PageRenderer renderer,
      Function<Rows<DeviceRecord>, Response> file)
      throws SQLException {
    DeviceForm.Reading asked = DeviceForm.read(DeviceForm.of(request));
    if (!asked.problems().isEmpty()) {
      return renderer.nothingExported(asked.problems());
    }
    DeviceQuery query = asked.query();
    return file.apply(inventory.list(query.filter(), query.sort(), query.descending()));
  }

  /** The latest messages of a device; empty if none are recorded. */
  private List<StoredMessage> messages(String address) throws SQLException {
    return messages.isEmpty()
        ? List.of()
        : messages.get().page(MessageFilter.ofDevice(address), 0, MESSAGES).messages();
  }

  private Response device(Inventory inventory, Request request, PageRenderer renderer)
      throws SQLException {
    return device(inventory, request, renderer, request.variable(), Map.of());
  }

  private Response device(
      Inventory inventory,
      Request request,
      PageRenderer renderer,
      String at,
      Map<String, String> typed)
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
            messages(history.get().device().address()),
            renderer.frame(request, address, Navigation.DEVICES),
            notes(renderer).notes(request, history.get().device(), typed),
            request.visitor().by() == Visitor.By.NOTHING
                ? ""
                : refusals.apply(history.get().device().address()).orElse(""),
            renderer.now()),
        typed.isEmpty() ? 200 : 409);
  }
}
