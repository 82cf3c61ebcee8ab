package org.tlsuplift.server.pages;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.insight.overview.TimeRange;
import org.tlsuplift.server.insight.switchoff.SwitchOff;
import org.tlsuplift.server.inventory.DeviceHistory;
import org.tlsuplift.server.inventory.DeviceList;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.export.DeviceCsv;
import org.tlsuplift.server.inventory.export.DeviceJson;
import org.tlsuplift.server.inventory.export.MessageCsv;
import org.tlsuplift.server.inventory.export.MessageJson;
import org.tlsuplift.server.messages.MessageFilter;
import org.tlsuplift.server.messages.Messages;
import org.tlsuplift.server.messages.StoredMessage;
import org.tlsuplift.server.pages.text.PageText;
import org.tlsuplift.server.web.Request;
import org.tlsuplift.server.web.ResourcePath;
import org.tlsuplift.server.web.Response;

/** The pages for people, and their assets. Thread-safe. */
public final class Pages {
  /** The messages on the page of a device. */
  private static final int LATEST_MESSAGES = 10;

  private static final MessageFormat CSV =
      new MessageFormat(
          "text/csv; charset=utf-8; header=present", "messages.csv", MessageCsv::write);
  private static final MessageFormat JSON =
      new MessageFormat("application/json", "messages.json", MessageJson::write);

  private final PageSources sources;
  private final Assets assets = Assets.load();
  private final Templates templates = new Templates(assets);
  private final OverviewReader overview;
  private final DeviceListReader devices;
  private final MessageListReader messages;
  private final SwitchOffReader switchOff;
  private final CertificatesResource certificatesResource;
  private final ManualResource manual = new ManualResource();

  public Pages(PageSources sources) {
    this.sources = sources;
    this.certificatesResource =
        new CertificatesResource(sources.authorities(), sources.reach(), sources.clock());
    this.overview = new OverviewReader(sources, certificatesResource);
    this.devices = new DeviceListReader(sources.listeners());
    this.messages = new MessageListReader(sources.listeners());
    this.switchOff = new SwitchOffReader(sources.listeners());
  }

  public List<ResourcePath> routes() {
    List<ResourcePath> routes =
        new ArrayList<>(
            List.of(
                new ResourcePath(NavigationItem.OVERVIEW.path(), this::overview),
                new ResourcePath(
                    NavigationItem.DEVICES.path(), request -> asked(request, this::devices)),
                new ResourcePath("/devices.csv", request -> asked(request, this::csv)),
                new ResourcePath("/devices.json", request -> asked(request, this::json)),
                new ResourcePath("/devices/{address}", request -> asked(request, this::device)),
                new ResourcePath(
                    NavigationItem.MESSAGES.path(), request -> sent(request, this::messages)),
                new ResourcePath(
                    "/messages.csv",
                    request -> sent(request, (source, asked) -> export(source, asked, CSV))),
                new ResourcePath(
                    "/messages.json",
                    request -> sent(request, (source, asked) -> export(source, asked, JSON))),
                new ResourcePath(
                    NavigationItem.SWITCH_OFF.path(),
                    request -> asked(request, sources.switchOff(), this::switchOff)),
                new ResourcePath(NavigationItem.CERTIFICATES.path(), this::certificates),
                new ResourcePath(NavigationItem.CERTIFICATES.path() + "/{file}", this::certificate),
                new ResourcePath(NavigationItem.MANUAL.path(), this::manual),
                new ResourcePath(NavigationItem.MANUAL.path() + "/*", this::manual),
                new ResourcePath(ResourcePath.ANYWHERE_ELSE, this::nothing)));
    routes.addAll(assets.routes());
    return List.copyOf(routes);
  }

  private Response overview(Request request) {
    TimeRange timeRange = TimeRange.of(request.parameter("span").orElse(""));
    return page(
        "overview",
        overview.read(
            timeRange,
            PageHost.of(request).forDevices(),
            frame("Overview", NavigationItem.OVERVIEW)));
  }

  /** Makes a response from an inventory. */
  private interface Asking<S> {
    Response answer(S source, Request request) throws SQLException;
  }

  private Response asked(Request request, Asking<Inventory> asking) {
    return asked(request, sources.inventory(), asking);
  }

  private Response sent(Request request, Asking<Messages> asking) {
    if (sources.inventory().isPresent() && sources.messages().isEmpty()) {
      return problem(
          404,
          "No messages",
          "No messages are recorded: messages.enabled is false in the configuration.");
    }
    return asked(request, sources.messages(), asking);
  }

  private <S> Response asked(Request request, Optional<S> source, Asking<S> asking) {
    if (source.isEmpty()) {
      return problem(
          404,
          "No inventory",
          "No inventory is kept: inventory.enabled is false in the configuration.");
    }
    try {
      return asking.answer(source.get(), request);
    } catch (SQLException failed) {
      return problem(503, "The inventory does not answer", PageText.unreadable(failed));
    }
  }

  private Response devices(Inventory inventory, Request request) throws SQLException {
    DeviceListPage list =
        devices.read(
            inventory,
            DeviceForm.of(request),
            frame("Devices", NavigationItem.DEVICES),
            sources.clock().instant());
    return status(page("devices", list), list.problems().isEmpty() ? 200 : 400);
  }

  /**
   * All devices as CSV (RFC 4180), with a line that names the columns, written as they are read.
   */
  private Response csv(Inventory inventory, Request request) throws SQLException {
    return export(
        inventory,
        request,
        "text/csv; charset=utf-8; header=present",
        "devices.csv",
        DeviceCsv::write);
  }

  /** All devices as JSON, in the shape of {@code /api/devices}. */
  private Response json(Inventory inventory, Request request) throws SQLException {
    return export(inventory, request, "application/json", "devices.json", DeviceJson::write);
  }

  private interface Form {
    void write(DeviceJson.Devices devices, OutputStream out) throws SQLException, IOException;
  }

  private Response export(Inventory inventory, Request request, String type, String name, Form form)
      throws SQLException {
    DeviceForm.Reading asked = DeviceForm.of(request).read();
    if (!asked.problems().isEmpty()) {
      return nothingExported(asked.problems());
    }
    DeviceQuery query = asked.query();
    DeviceList devices = inventory.list(query.filter(), query.sort(), query.descending());
    return Response.streamed(type, out -> form.write(devices::forEach, out))
        .with("Content-Disposition", "attachment; filename=\"" + name + "\"");
  }

  private Response device(Inventory inventory, Request request) throws SQLException {
    Optional<DeviceHistory> history = inventory.device(request.variable());
    if (history.isEmpty()) {
      return problem(
          404,
          "No such device",
          "No device was seen at " + PageText.visible(request.variable()) + ".");
    }
    String address = PageText.visible(history.get().device().address());
    return page(
        "device",
        DeviceDetailsReader.read(
            history.get(),
            latest(history.get().device().address()),
            frame(address, NavigationItem.DEVICES),
            sources.clock().instant()));
  }

  /** The latest messages of a device. */
  private List<StoredMessage> latest(String address) throws SQLException {
    return sources.messages().isEmpty()
        ? List.of()
        : sources
            .messages()
            .get()
            .page(MessageFilter.ofDevice(address), 0, LATEST_MESSAGES)
            .messages();
  }

  private Response messages(Messages source, Request request) throws SQLException {
    MessageListPage list =
        messages.read(
            source,
            sources.silentSenders().get(),
            MessageForm.of(request),
            frame("Messages", NavigationItem.MESSAGES),
            sources.clock().instant());
    return status(page("messages", list), list.problems().isEmpty() ? 200 : 400);
  }

  /** A format of exported messages. */
  private record MessageFormat(String type, String file, MessageWriter writer) {}

  private interface MessageWriter {
    void write(MessageJson.Source messages, OutputStream out) throws SQLException, IOException;
  }

  /** All matching messages, written as they are read. */
  private Response export(Messages source, Request request, MessageFormat format) {
    MessageForm.Reading asked = MessageForm.of(request).read(sources.clock().instant());
    if (!asked.problems().isEmpty()) {
      return nothingExported(asked.problems());
    }
    return Response.streamed(
            format.type(),
            out ->
                format
                    .writer()
                    .write(
                        consumer -> source.forEach(asked.filter(), Long.MAX_VALUE, consumer), out))
        .with("Content-Disposition", "attachment; filename=\"" + format.file() + "\"");
  }

  private Response nothingExported(Map<String, String> problems) {
    String all =
        problems.entrySet().stream()
            .map(each -> each.getKey() + ": " + each.getValue())
            .collect(Collectors.joining("; "));
    return problem(400, "Nothing is exported", all);
  }

  private Response switchOff(SwitchOff source, Request request) throws SQLException {
    SwitchOffPage page =
        switchOff.read(
            source, request, frame("Can it be switched off?", NavigationItem.SWITCH_OFF));
    return status(page("switchoff", page), page.problem().isEmpty() ? 200 : 400);
  }

  private Response certificates(Request request) {
    return page(
        "certificates",
        certificatesResource.page(
            PageHost.of(request), frame("CA certificate", NavigationItem.CERTIFICATES)));
  }

  private Response certificate(Request request) {
    return certificatesResource
        .file(request.variable())
        .orElseGet(
            () ->
                problem(
                    404,
                    "No such certificate",
                    "There is no certificate " + PageText.visible(request.variable()) + "."));
  }

  private Response manual(Request request) {
    return manual
        .file(request)
        .orElseGet(
            () -> {
              ManualResource.Shown shown =
                  manual.shown(request, title -> frame(title, NavigationItem.MANUAL));
              return status(page(shown.template(), shown.page()), shown.status());
            });
  }

  private Response nothing(Request request) {
    return problem(
        404, "No such page", "There is no page at " + PageText.visible(request.path()) + ".");
  }

  private Response problem(int status, String title, String text) {
    return status(page("problem", new ProblemPage(frame(title, null), title, text)), status);
  }

  private Response page(String template, Record page) {
    return Response.html(templates.render(template, page));
  }

  private static Response status(Response response, int status) {
    return new Response(status, response.contentType(), response.headers(), response.body());
  }

  private PageFrame frame(String title, @Nullable NavigationItem navigationItem) {
    return new PageFrame(
        title,
        navigationItem,
        sources.machine(),
        sources.version(),
        PageText.minute(sources.clock().instant()));
  }

  /**
   * A page that reports a problem.
   *
   * @param frame around it
   * @param title the problem, in a few words
   * @param text what to do
   */
  record ProblemPage(PageFrame frame, String title, String text) {}

  /** Renders pages with the templates in {@code src/main/jte}, which the build compiles. */
  static final class Templates {
    private final TemplateEngine engine =
        TemplateEngine.createPrecompiled(
            null,
            ContentType.Html,
            Templates.class.getClassLoader(),
            Templates.class.getPackageName());
    private final Assets assets;

    Templates(Assets assets) {
      this.assets = assets;
    }

    /**
     * Renders a page.
     *
     * @param template the name of its file
     * @param page its texts
     */
    String render(String template, Record page) {
      StringOutput out = new StringOutput(1 << 15);
      engine.render(template + ".jte", Map.of("page", page, "assets", assets), out);
      return out.toString();
    }
  }
}
