package org.tlsuplift.server.daemon;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.CertificateNames;
import org.tlsuplift.server.authority.CaStep;
import org.tlsuplift.server.authority.CertificateAuthorities;
import org.tlsuplift.server.authority.ConfiguredNames;
import org.tlsuplift.server.authority.KeptCas;
import org.tlsuplift.server.authority.WatchedAuthority;
import org.tlsuplift.server.cluster.Instance;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.DeviceNamesReader;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.daemon.watch.WatchedIdentity;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.api.Api;
import org.tlsuplift.server.http.pages.AccountPages;
import org.tlsuplift.server.http.pages.AcknowledgementForms;
import org.tlsuplift.server.http.pages.AdminReach;
import org.tlsuplift.server.http.pages.AuditPages;
import org.tlsuplift.server.http.pages.AuthorityControl;
import org.tlsuplift.server.http.pages.CertificatesResource;
import org.tlsuplift.server.http.pages.ConfigurationPages;
import org.tlsuplift.server.http.pages.ConnectPages;
import org.tlsuplift.server.http.pages.DevicePages;
import org.tlsuplift.server.http.pages.DoctorPages;
import org.tlsuplift.server.http.pages.Incidents;
import org.tlsuplift.server.http.pages.ManualResource;
import org.tlsuplift.server.http.pages.MessagePages;
import org.tlsuplift.server.http.pages.OverviewPages;
import org.tlsuplift.server.http.pages.Pages;
import org.tlsuplift.server.http.pages.ReloadControl;
import org.tlsuplift.server.http.pages.SignInPages;
import org.tlsuplift.server.http.pages.Steps;
import org.tlsuplift.server.http.pages.SwitchOffPages;
import org.tlsuplift.server.http.pages.TenantSources;
import org.tlsuplift.server.http.pages.TrustedAuthority;
import org.tlsuplift.server.http.pages.WaysIn;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;
import org.tlsuplift.server.inventory.messages.Messages;
import org.tlsuplift.server.process.Version;
import org.tlsuplift.server.readiness.ConfigurationState;
import org.tlsuplift.server.readiness.ExpiringItem;

/**
 * Makes the pages and the API of each configuration. Outlives all of them.
 *
 * @param sessions the number of open sessions
 * @param state of the configuration
 * @param instances those that share the database; empty without one
 * @param reload reloads the configuration
 * @param checks of the doctor that people start from its page
 */
record PagesSetup(
    SessionRecords records,
    IntSupplier sessions,
    Supplier<ConfigurationState> state,
    Supplier<List<Instance>> instances,
    ReloadControl reload,
    TenantChecks tenantChecks,
    Steps checks) {
  private static final Clock CLOCK = Clock.systemUTC();

  /**
   * @param features have pages of their own
   */
  Pages of(Generation generation, List<FeaturePages> features) {
    AdminConfig admin = generation.config().admin();
    WaysIn waysIn = waysIn(generation);
    Supplier<List<ExpiringItem>> expiring =
        () -> generation.endings().stream().map(Endings.Ending::item).toList();
    TenantSources tenant = tenantChecks.sources(generation.loaded());
    List<FeaturePages> all = new ArrayList<>(features);
    // All pages, also those that are added below.
    Incidents incidents =
        new Incidents(all, records.originOutages()::now, tenant.state(), tenant.data());
    String missing =
        AdminSetup.access(admin).missingForActions(admin.tls() != null, admin.bind().isLoopback());
    String provider = OpenIdSource.name(admin.openIdConnect());
    all.addAll(ofRecords(generation, waysIn, expiring, incidents));
    all.addAll(
        List.of(
            ConnectPages.of(tenant, reload, CLOCK),
            new DoctorPages(new DoctorRuns(generation.loaded()), checks),
            new ConfigurationPages(reload, state, generation.loaded()::shown),
            new SignInPages(missing, !admin.users().isEmpty(), provider),
            new ManualResource(),
            renderer ->
                new FeaturePages.Group(
                    api(generation.config(), waysIn, expiring, incidents), List.of())));
    return new Pages(
        new PageRenderer.Site(waysIn.machine(), Version.current().number(), missing, CLOCK), all);
  }

  private List<FeaturePages> ofRecords(
      Generation generation,
      WaysIn waysIn,
      Supplier<List<ExpiringItem>> expiring,
      Incidents incidents) {
    ServerConfig config = generation.config();
    Optional<DeviceInventory> kept = Optional.ofNullable(records.inventory());
    Optional<Messages> messages = messages(config, records.inventory());
    Supplier<List<TrustedAuthority>> authorities = () -> authorities(generation.authorities());
    CertificatesResource certificates =
        new CertificatesResource(
            authorities, control(generation.authorities()), reach(config.admin()), CLOCK);
    AcknowledgementForms acknowledgements =
        new AcknowledgementForms(
            kept.map(DeviceInventory::acknowledgements),
            () -> kept.map(DeviceInventory::silentSenders).orElse(List.of()),
            expiring,
            CLOCK);
    AccountChanges accounts =
        new AccountChanges(
            config, generation.signIn(), records::latestSignIns, records.refusedSignIns());
    return List.of(
        new OverviewPages(
            new OverviewPages.Daemon(
                sessions, state, instances, config.inventory().flushInterval()),
            inventory(),
            waysIn,
            incidents,
            acknowledgements,
            certificates::downloaded),
        new DevicePages(
            inventory(),
            messages,
            waysIn.listeners(),
            accounts::refusal,
            () -> DeviceNamesReader.macs(config.devices().namesFile()),
            records.audit()),
        new MessagePages(messages, kept.isPresent(), waysIn.listeners(), acknowledgements),
        acknowledgements,
        AccountPages.of(accounts, waysIn, authorities, records.audit()),
        new SwitchOffPages(
            inventory().map(each -> SwitchOffSource.of(config, each)),
            waysIn.listeners(),
            Version.current().number()),
        certificates,
        new AuditPages(kept.map(DeviceInventory::audit)));
  }

  private List<ResourcePath> api(
      ServerConfig config,
      WaysIn waysIn,
      Supplier<List<ExpiringItem>> expiring,
      Incidents incidents) {
    List<ResourcePath> routes =
        new ArrayList<>(
            List.of(
                Api.description(),
                Api.sessions(records.live()),
                Api.overview(
                    inventory().orElse(null),
                    records.live(),
                    expiring,
                    waysIn.signInListeners(),
                    () -> incidents.at(CLOCK.instant())),
                Api.doctor(checks::latest)));
    inventory().map(Api::devices).ifPresent(routes::addAll);
    messages(config, records.inventory()).map(Api::messages).ifPresent(routes::addAll);
    return routes;
  }

  private Optional<Inventory> inventory() {
    return Optional.ofNullable(records.inventory()).map(DeviceInventory::inventory);
  }

  private static WaysIn waysIn(Generation generation) {
    return new WaysIn(
        DeviceInstructionsSource.of(
            generation.config(),
            generation.identities().listeners().stream()
                .collect(
                    Collectors.toMap(
                        WatchedIdentity::name,
                        each -> CertificateNames.of(each.current().certificate())))),
        ConfiguredNames.thisHost());
  }

  /** Empty if no messages are recorded. */
  static Optional<Messages> messages(ServerConfig config, @Nullable DeviceInventory inventory) {
    return Optional.ofNullable(inventory)
        .filter(kept -> config.messages().enabled())
        .map(DeviceInventory::messages);
  }

  static AdminReach reach(AdminConfig admin) {
    return new AdminReach(
        admin.tls() != null,
        admin.bind().isLoopback(),
        admin.browserUrl(),
        admin.certificateNames());
  }

  private static AuthorityControl control(CertificateAuthorities authorities) {
    return new AuthorityControl() {
      @Override
      public String state(Optional<String> listener) {
        return authorities
            .of(listener)
            .filter(each -> !each.isOperators())
            .map(WatchedAuthority::state)
            .orElse("");
      }

      @Override
      public String take(CaStep step, Optional<String> listener, String state)
          throws OperatorException {
        return authorities
            .of(listener)
            .orElseThrow(
                () -> new OperatorException("listener: no listener of this name has its own CA"))
            .take(step, state);
      }
    };
  }

  private static List<TrustedAuthority> authorities(CertificateAuthorities certificateAuthorities) {
    List<TrustedAuthority> all = new ArrayList<>();
    add(all, Optional.empty(), certificateAuthorities.common(), certificateAuthorities.kept());
    certificateAuthorities
        .own()
        .forEach(
            (listener, ca) ->
                add(all, Optional.of(listener), ca, certificateAuthorities.kept(listener)));
    return all;
  }

  private static void add(
      List<TrustedAuthority> all, Optional<String> listener, IssuingCa signing, KeptCas kept) {
    all.add(TrustedAuthority.signing(listener, signing));
    kept.staged().ifPresent(each -> all.add(TrustedAuthority.kept(listener, each)));
    kept.previous().ifPresent(each -> all.add(TrustedAuthority.kept(listener, each)));
  }
}
