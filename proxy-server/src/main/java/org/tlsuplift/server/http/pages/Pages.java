package org.tlsuplift.server.http.pages;

import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.tlsuplift.server.console.Assets;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.readiness.SwitchOff;
import org.tlsuplift.server.readiness.SwitchOffQuery;
import org.tlsuplift.server.readiness.SwitchOffReport;
import org.tlsuplift.server.readiness.SwitchOffResults;
import org.tlsuplift.server.readiness.TimeRange;

/** The pages for people, and their assets. Thread-safe. */
public final class Pages {
  private final PageSources sources;
  private final Assets assets = Assets.load();
  private final PageRenderer renderer;
  private final OverviewReader overview;
  private final DevicePages devices;
  private final MessagePages messages;
  private final List<FeaturePages.Group> groups;
  private final SwitchOffReader switchOff;
  private final CertificatesResource certificatesResource;
  private final CaForms caForms;
  private final AcknowledgementForms acknowledgements;
  private final ConfigurationPages configuration;
  private final AccountPages accounts;
  private final ConnectPages connect;
  private final DoctorPages doctor;
  private final SignInPages signIn;
  private final AuditPages audit;
  private final ManualResource manual = new ManualResource();

  public Pages(PageSources sources, List<FeaturePages> features) {
    this.sources = sources;
    this.renderer =
        new PageRenderer(
            sources.site(),
            Stream.concat(
                    Navigation.ALWAYS.stream(),
                    features.stream().flatMap(each -> each.navigation().stream()))
                .toList(),
            new PageRenderer.Templates(Pages.class.getPackageName(), assets));
    this.groups = features.stream().map(each -> each.group(renderer)).toList();
    this.certificatesResource =
        new CertificatesResource(sources.authorities(), sources.reach(), sources.clock());
    this.caForms = new CaForms(sources.authorityControl(), renderer);
    this.acknowledgements = new AcknowledgementForms(sources, renderer);
    this.overview = new OverviewReader(sources, features, certificatesResource);
    this.messages = new MessagePages(sources, renderer, acknowledgements);
    this.devices = new DevicePages(sources, renderer, messages);
    this.configuration = new ConfigurationPages(sources, renderer);
    this.accounts = new AccountPages(sources, renderer);
    this.connect = new ConnectPages(sources, renderer);
    this.doctor = new DoctorPages(sources, renderer);
    this.signIn = new SignInPages(sources, renderer);
    this.audit = new AuditPages(sources, renderer);
    this.switchOff = new SwitchOffReader(sources.listeners());
  }

  public List<ResourcePath> routes() {
    List<ResourcePath> routes =
        new ArrayList<>(
            List.of(
                new ResourcePath(Navigation.OVERVIEW.path(), this::overview),
                new ResourcePath(
                    Navigation.SWITCH_OFF.path(),
                    request -> renderer.ask(sources.switchOff(), request, this::switchOff)),
                new ResourcePath(Navigation.CERTIFICATES.path(), this::certificates),
                new ResourcePath(Navigation.CERTIFICATES.path() + "/{file}", this::certificate),
                new ResourcePath(Navigation.MANUAL.path(), this::manual),
                new ResourcePath(Navigation.MANUAL.path() + "/*", this::manual),
                new ResourcePath(ResourcePath.FALLBACK, this::nothing)));
    for (String file : SwitchOffReport.FILES) {
      routes.add(
          new ResourcePath(
              Navigation.SWITCH_OFF.path() + "/" + file,
              request ->
                  renderer.ask(
                      sources.switchOff(), request, (source, asked) -> report(source, file))));
    }
    routes.addAll(devices.routes());
    routes.addAll(messages.routes());
    groups.forEach(group -> routes.addAll(group.routes()));
    routes.addAll(configuration.routes());
    routes.addAll(accounts.routes());
    routes.addAll(connect.routes());
    routes.addAll(doctor.routes());
    routes.addAll(signIn.routes());
    routes.addAll(audit.routes());
    routes.addAll(assets.routes());
    return List.copyOf(routes);
  }

  /** What stops sessions or mail now, for the API. */
  public List<?> incidents() {
    return overview.incidents(sources.clock().instant());
  }

  /** What people and programs can change. */
  public List<Action> actions() {
    Stream<List<Action>> ofFeatures = groups.stream().map(FeaturePages.Group::actions);
    Stream<List<Action>> others =
        Stream.of(
            configuration.actions(),
            devices.actions(),
            accounts.actions(),
            connect.actions(),
            doctor.actions(),
            caForms.actions(),
            acknowledgements.actions());
    return Stream.concat(ofFeatures, others).flatMap(List::stream).toList();
  }

  /** The page for a request that was refused. */
  public Response refused(Request request, int status, String why, String back) {
    return renderer.refused(request, status, why, back);
  }

  private Response overview(Request request) {
    TimeRange timeRange = TimeRange.of(request.parameter("span").orElse(""));
    return renderer.page(
        "overview",
        overview.read(
            timeRange,
            PageHost.of(request).forDevices(),
            renderer.frame(request, "Overview", Navigation.OVERVIEW),
            acknowledgements.onPage(request)));
  }

  private Response switchOff(SwitchOff source, Request request) throws SQLException {
    SwitchOffPage page =
        switchOff.read(
            source,
            request,
            renderer.frame(request, "Can it be switched off?", Navigation.SWITCH_OFF));
    return renderer.page("switchoff", page, page.problem().isEmpty() ? 200 : 400);
  }

  /** A file of the report, about all listeners and subnets. */
  private Response report(SwitchOff source, String file) throws SQLException {
    SwitchOffResults results = source.ask(new SwitchOffQuery(Optional.empty(), Optional.empty()));
    return Response.streamed(
            file.endsWith(".html") ? "text/html; charset=utf-8" : "text/csv; charset=utf-8",
            out -> {
              Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
              new SwitchOffReport(source, sources.version()).write(file, results, text);
              text.flush();
            })
        .asFile(file);
  }

  private Response certificates(Request request) {
    return renderer.page(
        "certificates",
        certificatesResource.page(
            PageHost.of(request),
            renderer.frame(request, "CA certificate", Navigation.CERTIFICATES),
            caForms,
            request));
  }

  private Response certificate(Request request) {
    return certificatesResource
        .file(request.variable())
        .orElseGet(
            () ->
                renderer.problem(
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
                  manual.shown(request, title -> renderer.frame(request, title, Navigation.MANUAL));
              return renderer.page(shown.template(), shown.page(), shown.status());
            });
  }

  private Response nothing(Request request) {
    return renderer.problem(
        404, "No such page", "There is no page at " + PageText.visible(request.path()) + ".");
  }
}
