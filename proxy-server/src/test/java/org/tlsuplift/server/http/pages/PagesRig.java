package org.tlsuplift.server.http.pages;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.tlsuplift.proxy.ca.CaSettings;
import org.tlsuplift.proxy.ca.PermittedNames;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.testing.Leftovers;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.authority.CaStep;
import org.tlsuplift.server.authority.CaStore;
import org.tlsuplift.server.cluster.Instance;
import org.tlsuplift.server.cluster.InstanceReport;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.http.ResponseBody;
import org.tlsuplift.server.inventory.Acknowledgements;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.jdbc.Fleet;
import org.tlsuplift.server.inventory.messages.Messages;
import org.tlsuplift.server.inventory.messages.SilentSender;
import org.tlsuplift.server.inventory.record.WrittenInventory;
import org.tlsuplift.server.readiness.ConfigurationState;
import org.tlsuplift.server.readiness.ExpiringItem;
import org.tlsuplift.server.readiness.ListenerProfile;
import org.tlsuplift.server.readiness.SwitchOff;
import org.tlsuplift.server.readiness.SwitchOffSettings;
import org.tlsuplift.server.spool.SpoolStore;
import org.tlsuplift.server.spool.WaitingPages;

/** Pages over a fleet of a test's own, asked without a network. */
public final class PagesRig implements AutoCloseable {
  public static final Instant NOW = Instant.parse("2026-11-25T12:34:56Z");

  static final PageRenderer.Site SITE =
      new PageRenderer.Site("gateway-1", "1.2.3", "", Clock.fixed(NOW, ZoneOffset.UTC));

  private static final Clock CLOCK = SITE.clock();

  private final Path folder;
  private final Runnable inventory;
  private final List<ResourcePath> routes;
  private final Pages pages;

  public PagesRig(int devices) {
    folder = folder();
    Fleet fleet = Fleet.create(folder.resolve("inventory.db"), devices, NOW);
    inventory = fleet::close;
    pages = pages(Optional.of(fleet.inventory()), authorities());
    routes = pages.routes();
  }

  /** Over an inventory that the test writes. */
  PagesRig(WrittenInventory seen) {
    folder = folder();
    inventory = seen::close;
    pages =
        pages(
            Optional.of(seen.inventory()), Optional.of(seen.messages()), authorities(), List.of());
    routes = pages.routes();
  }

  /** With messages that wait, for actions that are allowed. */
  public PagesRig(WrittenInventory seen, SpoolStore spool) {
    folder = folder();
    inventory = seen::close;
    pages =
        pages(
            Optional.of(seen.inventory()),
            Optional.of(seen.messages()),
            List.of(),
            new NoReload(),
            noTenant(),
            "",
            List.of(new WaitingPages(() -> Optional.of(spool), seen.inventory()::labels, CLOCK)));
    routes = pages.routes();
  }

  private static Path folder() {
    return Leftovers.directory("pages");
  }

  /** Does what the form of an action does, for everyone. */
  public Action.Done act(String path, Map<String, String> fields) throws Exception {
    Map<String, List<String>> form = new HashMap<>();
    fields.forEach((name, value) -> form.put(name, List.of(value)));
    for (Action action : pages.actions()) {
      if (action.path().equals(path)) {
        return action.work().act(new Request(path, "", form, Map.of()));
      }
    }
    throw new AssertionError(path);
  }

  /** Closes the database, as if it were away. */
  void closeInventory() {
    inventory.run();
  }

  private static List<Instance> instances() {
    return List.of(
        new Instance(
            new InstanceReport(
                "gateway-1:9464", "1.2.3", 3, 1234, "AB:CD:EF:01:23", "12:34:56:78:9A"),
            NOW,
            true,
            true),
        new Instance(
            new InstanceReport("gateway-3:9464", "1.2.3", 3, 5, "FF:CD:EF:01:23", null),
            NOW,
            true,
            false),
        new Instance(
            new InstanceReport("<b>gateway-2</b>:9464", "1.2.2", 1, 17, "FF:CD:EF:01:23", null),
            NOW.minusSeconds(120),
            false,
            false));
  }

  static Pages pages(Optional<Inventory> inventory, List<TrustedAuthority> authorities) {
    return pages(
        inventory,
        Optional.empty(),
        authorities,
        List.of(new WaitingPages(Optional::empty, devices -> Map.of(), CLOCK)));
  }

  private static Pages pages(
      Optional<Inventory> inventory,
      Optional<Messages> messages,
      List<TrustedAuthority> authorities,
      List<FeaturePages> features) {
    return pages(
        inventory,
        messages,
        authorities,
        new NoReload(),
        noTenant(),
        "the pages change nothing without users; add one to admin.users with a role",
        features);
  }

  private static TenantSources noTenant() {
    return new TenantSources(
        Path.of("data"),
        Optional.empty(),
        mailbox -> steps -> {},
        () -> {},
        new Steps(Clock.systemUTC(), Duration.ofMinutes(1)),
        () -> TenantSources.State.NONE);
  }

  /** The pages of a daemon without an inventory, on which people act. */
  static Pages acting(ReloadControl reload, TenantSources tenant) {
    return pages(Optional.empty(), Optional.empty(), List.of(), reload, tenant, "", List.of());
  }

  private static Pages pages(
      Optional<Inventory> inventory,
      Optional<Messages> messages,
      List<TrustedAuthority> authorities,
      ReloadControl reload,
      TenantSources tenant,
      String missingForActions,
      List<FeaturePages> features) {
    WaysIn waysIn = waysIn();
    AuditJournal journal = new AuditJournal(folder());
    Supplier<ConfigurationState> state =
        () -> new ConfigurationState(3, NOW.minusSeconds(3600), List.of(), 2);
    AcknowledgementForms acknowledgements =
        new AcknowledgementForms(
            Optional.of(new Remembered()),
            () -> messages.map(PagesRig::silent).orElse(List.of()),
            PagesRig::expiring,
            CLOCK);
    CertificatesResource certificates = certificates(() -> authorities);
    List<FeaturePages> all = new ArrayList<>(features);
    all.addAll(
        List.of(
            new OverviewPages(
                new OverviewPages.Daemon(
                    () -> 1234, state, PagesRig::instances, Duration.ofSeconds(5)),
                inventory,
                waysIn,
                new Incidents(all, List::of, tenant.state(), tenant.data()),
                acknowledgements,
                certificates::downloaded),
            new DevicePages(
                inventory,
                messages,
                waysIn.listeners(),
                address ->
                    Optional.of(
                        "Login 'fax' is allowed for 10.1.2.0/24, not for address " + address + "."),
                () -> Map.of("001b638445e6", Fleet.address(3).getHostAddress()),
                journal),
            new MessagePages(messages, inventory.isPresent(), waysIn.listeners(), acknowledgements),
            acknowledgements,
            AccountPages.of(new NoAccounts(), waysIn, () -> authorities, journal),
            new SwitchOffPages(
                inventory.map(PagesRig::switchOff), waysIn.listeners(), SITE.version()),
            certificates,
            ConnectPages.of(tenant, reload, CLOCK),
            new DoctorPages(new NoDoctor(), new Steps(Clock.systemUTC(), Duration.ofMinutes(1))),
            new ConfigurationPages(reload, state, () -> ""),
            new AuditPages(Optional.empty()),
            new SignInPages(missingForActions, false, ""),
            new ManualResource()));
    return new Pages(
        new PageRenderer.Site(SITE.machine(), SITE.version(), missingForActions, CLOCK), all);
  }

  private static CertificatesResource certificates(Supplier<List<TrustedAuthority>> authorities) {
    AdminReach reach = new AdminReach(false, false, null, List.of("uplift.example.test"));
    return new CertificatesResource(authorities, new NoAuthorityControl(), reach, CLOCK);
  }

  private static WaysIn waysIn() {
    return new WaysIn(
        Fleet.LISTENERS.stream()
            .map(
                name ->
                    new DeviceInstructions(
                        name, "A proxy", "", "3128", "by itself", false, name.equals("antique")))
            .toList(),
        SITE.machine());
  }

  private static List<ExpiringItem> expiring() {
    return List.of(
        new ExpiringItem("the CA certificate", NOW.plus(Duration.ofDays(3000)), "rotate it"),
        new ExpiringItem(
            "the antique listener <b>old</b>",
            NOW.plus(Duration.ofDays(12)),
            "replace its devices"),
        new ExpiringItem("the client certificate", NOW.minusSeconds(60), "renew it"));
  }

  /** A configuration file without changes. */
  private static final class NoReload implements ReloadControl {
    @Override
    public Result preview() {
      return new Result(List.of(), List.of());
    }

    @Override
    public Result reload(String trigger) {
      throw new AssertionError(trigger);
    }
  }

  /** No device signs in. */
  private static final class NoAccounts implements AccountControl {
    @Override
    public String missing() {
      return "no device signs in";
    }

    @Override
    public List<String> tenants() {
      return List.of();
    }

    @Override
    public List<Entry> accounts() {
      return List.of();
    }

    @Override
    public Map<String, List<String>> listeners(Set<String> keys) {
      throw new AssertionError(keys);
    }

    @Override
    public Changed add(Map<String, String> fields, Role by) {
      throw new AssertionError(fields);
    }

    @Override
    public Changed change(String key, String version, Map<String, String> fields, Role by) {
      throw new AssertionError(key);
    }

    @Override
    public Changed remove(String key, String version) {
      throw new AssertionError(key);
    }

    @Override
    public Preview preview(List<Map<String, String>> lines, Role by) {
      throw new AssertionError(lines);
    }

    @Override
    public List<Changed> apply(
        List<Map<String, String>> lines, String version, Role by, Before before) {
      throw new AssertionError(lines);
    }
  }

  /** Acknowledgements in memory. */
  private static final class Remembered implements Acknowledgements {
    private final Map<Subject, Acknowledgement> all = new HashMap<>();

    @Override
    public Optional<Acknowledgement> find(Subject subject) {
      return Optional.ofNullable(all.get(subject));
    }

    @Override
    public void add(Acknowledgement acknowledgement) {
      all.put(acknowledgement.subject(), acknowledgement);
    }

    @Override
    public void remove(Subject subject) {
      all.remove(subject);
    }
  }

  /** CAs that cannot be staged. */
  static final class NoAuthorityControl implements AuthorityControl {
    @Override
    public String state(Optional<String> listener) {
      return "";
    }

    @Override
    public String take(CaStep step, Optional<String> listener, String state) {
      throw new AssertionError(step);
    }
  }

  /** One listener, of which nothing is checked. */
  private static final class NoDoctor implements DoctorControl {
    @Override
    public List<String> listeners(boolean submission) {
      return List.of("mail");
    }

    @Override
    public List<String> others() {
      return List.of();
    }

    @Override
    public Steps.Work examine(Optional<String> listener, Optional<String> account) {
      throw new AssertionError(listener);
    }

    @Override
    public Steps.Work send(Letter letter) {
      throw new AssertionError(letter);
    }
  }

  private static List<SilentSender> silent(Messages messages) {
    try {
      return messages.silentSenders(NOW);
    } catch (SQLException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private List<TrustedAuthority> authorities() {
    try {
      CaSettings settings =
          CaSettings.defaults(new PermittedNames(List.of("office365.com"), List.of()), "gateway-1");
      return List.of(
          TrustedAuthority.signing(
              Optional.empty(), new CaStore(folder.resolve("ca")).open(settings, line -> {})),
          TrustedAuthority.kept(
              Optional.empty(),
              new CaStore(folder.resolve("ca")).rotation().stage(settings, line -> {})),
          TrustedAuthority.signing(
              Optional.of("antique"),
              CaStore.ofListener(folder.resolve("antique"), "antique").open(settings, line -> {})));
    } catch (OperatorException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static SwitchOff switchOff(Inventory inventory) {
    return new SwitchOff(
        inventory,
        new SwitchOffSettings(
            Fleet.LISTENERS.stream().map(name -> new ListenerProfile(name, "legacy")).toList(),
            List.of(Cidr.parse("10.0.0.0/8")),
            VerdictRules.defaults()),
        Clock.fixed(NOW, ZoneOffset.UTC));
  }

  /** Asks for a path, with a variable or without. */
  static Response ask(List<ResourcePath> routes, String path, Map<String, String> parameters)
      throws Exception {
    for (ResourcePath resourcePath : routes) {
      int variable = resourcePath.pattern().indexOf('{');
      boolean found =
          variable >= 0
              ? isIn(resourcePath, variable, path)
              : resourcePath.pattern().equals(path) || isBelow(resourcePath.pattern(), path);
      if (found) {
        Map<String, List<String>> all = new HashMap<>();
        parameters.forEach((name, value) -> all.put(name, List.of(value)));
        return resourcePath
            .resource()
            .answer(
                new Request(
                    path, variable < 0 ? "" : path.substring(variable), all, headers(parameters)));
      }
    }
    throw new AssertionError("nobody answers at " + path);
  }

  private static boolean isBelow(String pattern, String path) {
    return pattern.endsWith("/*")
        && !pattern.equals(ResourcePath.FALLBACK)
        && path.startsWith(pattern.substring(0, pattern.length() - 1));
  }

  /** The parameter {@code host} is the header. */
  private static Map<String, List<String>> headers(Map<String, String> parameters) {
    return Map.of("host", List.of(parameters.getOrDefault("host", "localhost:9090")));
  }

  private static boolean isIn(ResourcePath resourcePath, int variable, String path) {
    return path.startsWith(resourcePath.pattern().substring(0, variable))
        && path.indexOf('/', variable) < 0;
  }

  /** Asks for a path without a variable. */
  public Response ask(Request request) throws Exception {
    for (ResourcePath each : routes) {
      if (each.pattern().equals(request.path())) {
        return each.resource().answer(request);
      }
    }
    throw new AssertionError(request.path());
  }

  public Response ask(String path, Map<String, String> parameters) throws Exception {
    return ask(routes, path, parameters);
  }

  public String text(String path, Map<String, String> parameters) throws Exception {
    return text(ask(path, parameters));
  }

  public String text(String path) throws Exception {
    return text(path, Map.of());
  }

  public static String text(Response response) throws Exception {
    if (response.body() instanceof ResponseBody.Whole whole) {
      return new String(whole.bytes(), StandardCharsets.UTF_8);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ((ResponseBody.Streamed) response.body()).writing().writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    inventory.run();
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(PagesRig::delete);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
