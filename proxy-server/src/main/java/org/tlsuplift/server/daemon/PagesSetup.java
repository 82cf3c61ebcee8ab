package org.tlsuplift.server.daemon;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.tls.CertificateNames;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.daemon.ca.CertificateAuthorities;
import org.tlsuplift.server.daemon.ca.ConfiguredNames;
import org.tlsuplift.server.daemon.ca.KeptCas;
import org.tlsuplift.server.daemon.ca.ListenerExpiry;
import org.tlsuplift.server.daemon.watch.EndpointListWatch;
import org.tlsuplift.server.daemon.watch.IdentityWatch;
import org.tlsuplift.server.daemon.watch.SecretExpiry;
import org.tlsuplift.server.daemon.watch.WatchedIdentity;
import org.tlsuplift.server.insight.overview.ConfigurationState;
import org.tlsuplift.server.insight.overview.ExpiringItem;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;
import org.tlsuplift.server.messages.Messages;
import org.tlsuplift.server.pages.PageSources;
import org.tlsuplift.server.pages.certificates.AdminReach;
import org.tlsuplift.server.pages.certificates.TrustedAuthority;

/** Connects the pages to their data sources. */
final class PagesSetup {
  /** Without a check for this long, the endpoint list is shown; it is checked every hour. */
  private static final Duration UNCHECKED = Duration.ofDays(7);

  /** As in the alert rules. */
  private static final Duration TOO_OLD = Duration.ofDays(60);

  private PagesSetup() {}

  /**
   * @param inventory null if disabled
   * @param sessions the number of open sessions
   * @param state of the configuration
   * @param list of Microsoft 365
   */
  static PageSources of(
      ServerConfig config,
      @Nullable DeviceInventory inventory,
      CertificateAuthorities certificateAuthorities,
      IdentityWatch identities,
      IntSupplier sessions,
      Supplier<ConfigurationState> state,
      EndpointListWatch list) {
    return new PageSources(
        ConfiguredNames.thisHost(),
        Version.current().number(),
        Optional.ofNullable(inventory).map(DeviceInventory::inventory),
        messages(config, inventory),
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
        () -> endings(config, certificateAuthorities, identities, list),
        () -> authorities(certificateAuthorities),
        reach(config.admin()),
        Clock.systemUTC());
  }

  /** Empty if no messages are recorded. */
  static Optional<Messages> messages(ServerConfig config, @Nullable DeviceInventory inventory) {
    return Optional.ofNullable(inventory)
        .filter(kept -> config.messages().enabled())
        .map(DeviceInventory::messages);
  }

  private static AdminReach reach(AdminConfig admin) {
    return new AdminReach(admin.tls() != null, admin.bind().isLoopback(), admin.certificateNames());
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

  private static List<ExpiringItem> endings(
      ServerConfig config,
      CertificateAuthorities certificateAuthorities,
      IdentityWatch identities,
      EndpointListWatch list) {
    List<ExpiringItem> endings = new ArrayList<>();
    endings.add(
        new ExpiringItem(
            "the CA that devices trust",
            certificateAuthorities.common().expiresAt(),
            "run 'tls-uplift ca stage', install the staged CA on the devices, and run 'tls-uplift"
                + " ca activate'"));
    certificateAuthorities
        .own()
        .forEach(
            (listener, ca) ->
                endings.add(
                    new ExpiringItem(
                        "the CA of the listener " + listener,
                        ca.expiresAt(),
                        "run 'tls-uplift ca stage --listener "
                            + listener
                            + "', install the staged CA on its devices, and run 'tls-uplift ca"
                            + " activate --listener "
                            + listener
                            + "'")));
    identities
        .sources()
        .forEach(
            each ->
                endings.add(
                    new ExpiringItem(
                        "the client certificate for " + each.name(),
                        each.current().expiresAt(),
                        "replace its files with the renewed certificate")));
    identities
        .listeners()
        .forEach(
            each ->
                endings.add(
                    new ExpiringItem(
                        "the certificate of the listener " + each.name(),
                        each.current().expiresAt(),
                        "replace its files with the renewed certificate")));
    identities
        .applications()
        .forEach(
            each ->
                endings.add(
                    new ExpiringItem(
                        "the certificate of the application of tenant " + each.name(),
                        each.current().expiresAt(),
                        "upload a renewed certificate to the application, and then replace the files")));
    SecretExpiry.of(config)
        .forEach(
            each ->
                endings.add(
                    new ExpiringItem(
                        "the secret of the application of tenant " + each.tenant().name(),
                        each.at(),
                        SecretExpiry.REMEDY)));
    OriginIdentitySource admin = identities.admin();
    if (admin != null) {
      endings.add(
          new ExpiringItem(
              "the certificate of the admin port",
              admin.current().expiresAt(),
              "replace its files with the renewed certificate"));
    }
    if (list.isUsed() && list.age().compareTo(UNCHECKED) > 0) {
      endings.add(
          new ExpiringItem(
              "the endpoint list " + list.current().version() + " of Microsoft 365",
              list.currentAt().plus(TOO_OLD),
              config.microsoft365().refresh() == null
                  ? "set 'microsoft365.refresh: 1h', or run 'tls-uplift endpoints refresh'"
                  : "run 'tls-uplift endpoints refresh', and do what it says"));
    }
    ListenerExpiry.of(config)
        .forEach(
            each ->
                endings.add(
                    new ExpiringItem(
                        "the antique listener " + each.listener(),
                        each.end(),
                        "replace its devices, or set a later 'until' and reload")));
    return endings;
  }
}
