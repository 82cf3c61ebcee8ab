package org.tlsuplift.server.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.microsoft365.ListName;
import org.tlsuplift.server.microsoft365.PublishedList;

/** Warns about configurations that are valid but probably wrong. */
public final class ConfigWarnings {
  /** Microsoft's endpoints for TLS 1.0 and 1.1, and the usual ones for the same service. */
  private static final Map<String, String> LEGACY =
      Map.of(
          "smtp-legacy.office365.com", "smtp.office365.com",
          "imap-legacy.office365.com", "outlook.office365.com",
          "pop-legacy.office365.com", "outlook.office365.com");

  private final ServerConfig config;
  private final PublishedList list;
  private final Problems problems;

  private ConfigWarnings(ServerConfig config, Problems problems) {
    this.config = config;
    this.list = ConfiguredRoutes.list(config);
    this.problems = problems;
  }

  /** Checks a configuration without errors. */
  public static void check(ServerConfig config, Problems problems) {
    ConfigWarnings warnings = new ConfigWarnings(config, problems);
    warnings.devices();
    warnings.admin();
    warnings.listeners();
    warnings.destinations();
    ShadowedRoutes.check(config.routes(), warnings.list, problems);
    BypassedMailRules.check(
        config.listeners(), ConfiguredRoutes.of(config.routes(), warnings.list), problems);
    config.limits().warn(problems);
    EgressWarnings.check(config, problems);
    if (config.database() != null) {
      config.database().warn(problems);
    }
    SignInWarnings.check(config, problems);
    Microsoft365Warnings.check(config, warnings.list, problems);
  }

  private void devices() {
    open(
        "devices.allow",
        config.devices().allow(),
        "admits every address of its IP version",
        "open proxies are soon found and abused; list the networks of your devices",
        problems);
  }

  private void admin() {
    open(
        "admin.trustedProxies",
        config.admin().trustedProxies(),
        "lets anyone choose the address that rates and the audit log see",
        "list the addresses of your proxies",
        problems);
  }

  private void listeners() {
    for (int i = 0; i < config.listeners().size(); i++) {
      String path = "listeners[" + i + "]";
      HostPort origin = config.listeners().get(i).origin();
      if (origin != null) {
        legacyEndpoint(path + ".origin", origin.host());
      }
      proxyProtocol(path + ".proxyProtocol.from", config.listeners().get(i).proxyProtocol());
      MailWarnings.check(path, config.listeners().get(i), problems);
      AntiqueWarnings.check(path, config.listeners().get(i), problems);
    }
  }

  private void proxyProtocol(String path, ListenerConfig.@Nullable ProxyProtocol proxyProtocol) {
    if (proxyProtocol != null) {
      open(
          path,
          proxyProtocol.from(),
          "lets anyone impersonate any device",
          "list the addresses of your load balancers",
          problems);
    }
  }

  /** Warns about blocks that are the whole Internet. */
  private static void open(
      String path, List<Cidr> blocks, String effect, String remedy, Problems problems) {
    for (Cidr block : blocks) {
      if (block.prefixLength() == 0) {
        problems.warning(path, "'" + block + "' " + effect, remedy);
      }
    }
  }

  private void destinations() {
    for (int i = 0; i < config.routes().size(); i++) {
      RouteConfig route = config.routes().get(i);
      for (int j = 0; j < route.to().size() && route.action() != Action.DENY; j++) {
        destination("routes[" + i + "].to[" + j + "]", route.to().get(j));
      }
    }
  }

  private void destination(String path, String to) {
    List<Destination> meant = ConfiguredRoutes.destinations(to, list);
    if (meant.stream().anyMatch(one -> one.hosts() instanceof HostPattern.Any)) {
      problems.warning(
          path,
          "'" + to + "' allows every host and address",
          "devices can then reach everything that this machine reaches; list the destinations that they need");
    }
    meant.forEach(one -> legacyEndpoint(path, one.hosts().toString()));
  }

  private void legacyEndpoint(String path, String host) {
    String ordinary = LEGACY.get(host);
    if (ordinary != null) {
      problems.warning(
          path,
          "'" + host + "' is Microsoft's endpoint for TLS 1.0 and 1.1",
          "TLS Uplift does not need it; write '" + ordinary + "'");
    }
  }

  /** Lists the weaknesses of an antique listener. */
  static final class AntiqueWarnings {
    private AntiqueWarnings() {}

    static void check(String path, ListenerConfig listener, Problems problems) {
      if (listener.tls().profile() != ListenerConfig.Profile.ANTIQUE) {
        return;
      }
      problems.warning(
          path + ".profile",
          "'antique' accepts SSLv3, RC4, 3DES, DES and 1024-bit DHE: anyone between these devices and this machine can read and change their traffic, passwords included",
          "isolate these devices in their own network, replace them, and remove the listener by "
              + listener.tls().until()
              + "; connections to origins still use TLSv1.2 or later");
      open(
          path + ".devices",
          listener.tls().devices(),
          "is every address of its IP version",
          "list the few devices that need it",
          problems);
      ListenerCertificate certificate = listener.certificate().ownCa();
      if (certificate != null) {
        certificate.warn(path + ".certificate", listener.certificate().serverNames(), problems);
      }
    }
  }

  /** Warns about PROXY headers to origins that reject them. */
  static final class EgressWarnings {
    private EgressWarnings() {}

    private static boolean isMicrosoft365(String to) {
      return ListName.of(to).filter(ListName::isMicrosoft365).isPresent();
    }

    static void check(ServerConfig config, Problems problems) {
      for (int i = 0; i < config.routes().size(); i++) {
        RouteConfig route = config.routes().get(i);
        EgressConfig egress = route.egress().or(config.upstream().egress());
        if (route.action() != Action.DENY
            && egress.proxy() instanceof UpstreamProxySetting.Direct
            && egress.sendsProxyHeader()
            && route.to().stream().anyMatch(EgressWarnings::isMicrosoft365)) {
          problems.warning(
              route.egress().sendProxyHeader() == null
                  ? "upstream.sendProxyHeader"
                  : "routes[" + i + "].sendProxyHeader",
              "Microsoft 365 rejects PROXY headers, and routes[" + i + "] would send one",
              "write 'sendProxyHeader: none' in that route, or set 'via' to your proxy");
        }
      }
    }
  }
}
