package org.tlsuplift.server.daemon;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.insight.overview.Ending;
import org.tlsuplift.server.inventory.DeviceInventory;
import org.tlsuplift.server.pages.Authority;
import org.tlsuplift.server.pages.PageSources;

/** Tells the pages of a daemon where to look. */
final class PagesSetup {
  private PagesSetup() {}

  /**
   * Where that is.
   *
   * @param inventory null when the configuration does not want one
   * @param sessions how many run
   */
  static PageSources of(
      ServerConfig config,
      @Nullable DeviceInventory inventory,
      Authorities authorities,
      IdentityWatch identities,
      IntSupplier sessions) {
    return new PageSources(
        ConfiguredNames.thisHost(),
        Version.current().number(),
        Optional.ofNullable(inventory).map(DeviceInventory::inventory),
        Optional.ofNullable(inventory).map(kept -> SwitchOffSource.of(config, kept.inventory())),
        config.inventory().flushInterval(),
        WaysIn.of(config),
        sessions,
        () -> endings(config, authorities, identities),
        () -> authorities(authorities),
        Clock.systemUTC());
  }

  private static List<Authority> authorities(Authorities authorities) {
    List<Authority> all = new ArrayList<>();
    all.add(new Authority(Optional.empty(), authorities.common()));
    authorities.own().forEach((listener, ca) -> all.add(new Authority(Optional.of(listener), ca)));
    return all;
  }

  private static List<Ending> endings(
      ServerConfig config, Authorities authorities, IdentityWatch identities) {
    List<Ending> endings = new ArrayList<>();
    endings.add(
        new Ending(
            "the CA that devices trust",
            authorities.common().expiresAt(),
            "'tls-uplift ca rotate', restart, and give the devices the new certificate"));
    authorities
        .own()
        .forEach(
            (listener, ca) ->
                endings.add(
                    new Ending(
                        "the CA of the listener " + listener,
                        ca.expiresAt(),
                        "'tls-uplift ca rotate --listener "
                            + listener
                            + "', restart, and give its devices the new certificate")));
    identities
        .sources()
        .forEach(
            each ->
                endings.add(
                    new Ending(
                        "the client certificate for " + each.name(),
                        each.current().expiresAt(),
                        "put the renewed one in the place of its files")));
    OriginIdentitySource admin = identities.admin();
    if (admin != null) {
      endings.add(
          new Ending(
              "the certificate of the admin port",
              admin.current().expiresAt(),
              "put the renewed one in the place of its files"));
    }
    ListenerExpiry.of(config)
        .forEach(
            each ->
                endings.add(
                    new Ending(
                        "the antique listener " + each.listener(),
                        each.end(),
                        "replace its devices, or give it a later day (until) and restart")));
    return endings;
  }
}
