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
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.authority.CaStep;
import org.tlsuplift.server.authority.CertificateAuthorities;
import org.tlsuplift.server.authority.ConfiguredNames;
import org.tlsuplift.server.authority.KeptCas;
import org.tlsuplift.server.authority.WatchedAuthority;
import org.tlsuplift.server.cluster.Instance;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.DeviceNamesReader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.daemon.watch.EndpointListWatch;
import org.tlsuplift.server.daemon.watch.IdentityWatch;
import org.tlsuplift.server.daemon.watch.WatchedIdentity;
import org.tlsuplift.server.http.pages.AccountControl;
import org.tlsuplift.server.http.pages.AdminReach;
import org.tlsuplift.server.http.pages.AuthorityControl;
import org.tlsuplift.server.http.pages.PageSources;
import org.tlsuplift.server.http.pages.ReloadControl;
import org.tlsuplift.server.http.pages.Steps;
import org.tlsuplift.server.http.pages.TrustedAuthority;
import org.tlsuplift.server.inventory.OriginOutages.Outage;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;
import org.tlsuplift.server.inventory.messages.Messages;
import org.tlsuplift.server.process.Version;
import org.tlsuplift.server.readiness.ConfigurationState;

/** Connects the pages to their data sources. */
public final class PagesSetup {
  private PagesSetup() {}

  /**
   * @param inventory null if disabled
   * @param outages the origins that no session reaches now
   * @param sessions the number of open sessions
   * @param state of the configuration
   * @param list of Microsoft 365
   * @param instances those that share the database
   * @param reload reloads the configuration
   * @param accounts changes the accounts
   * @param checks outlive the configuration
   * @param tenantChecks outlive the configuration
   */
  public static PageSources of(
      LoadedConfig loaded,
      @Nullable DeviceInventory inventory,
      Supplier<List<Outage>> outages,
      CertificateAuthorities certificateAuthorities,
      IdentityWatch identities,
      IntSupplier sessions,
      Supplier<ConfigurationState> state,
      EndpointListWatch list,
      Supplier<List<Instance>> instances,
      ReloadControl reload,
      AccountControl accounts,
      AuditJournal journal,
      Steps checks,
      TenantChecks tenantChecks) {
    ServerConfig config = loaded.config();
    return new PageSources(
        ConfiguredNames.thisHost(),
        Version.current().number(),
        Optional.ofNullable(inventory).map(DeviceInventory::inventory),
        messages(config, inventory),
        outages,
        () -> inventory == null ? List.of() : inventory.silentSenders(),
        Optional.ofNullable(inventory).map(kept -> SwitchOffSource.of(config, kept.inventory())),
        config.inventory().flushInterval(),
        DeviceInstructionsSource.of(
            config,
            identities.listeners().stream()
                .collect(
                    Collectors.toMap(
                        WatchedIdentity::name,
                        each -> CertificateNames.of(each.current().certificate())))),
        sessions,
        state,
        instances,
        () ->
            Endings.of(config, certificateAuthorities, identities, list).stream()
                .map(Endings.Ending::item)
                .toList(),
        () -> authorities(certificateAuthorities),
        () -> DeviceNamesReader.macs(config.devices().namesFile()),
        control(certificateAuthorities),
        Optional.ofNullable(inventory).map(DeviceInventory::audit),
        Optional.ofNullable(inventory).map(DeviceInventory::acknowledgements),
        reload,
        accounts,
        loaded::shown,
        new DoctorRuns(loaded),
        checks,
        tenantChecks.sources(loaded),
        AdminSetup.access(config.admin())
            .missingForActions(config.admin().tls() != null, config.admin().bind().isLoopback()),
        !config.admin().users().isEmpty(),
        OpenIdSource.name(config.admin().openIdConnect()),
        reach(config.admin()),
        journal,
        Clock.systemUTC());
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
