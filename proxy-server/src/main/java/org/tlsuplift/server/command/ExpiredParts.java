package org.tlsuplift.server.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.server.authority.ListenerExpiry;
import org.tlsuplift.server.config.ConfiguredRoutes;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.daemon.watch.CertificateExpiry;
import org.tlsuplift.server.daemon.watch.IdentityUse;
import org.tlsuplift.server.daemon.watch.WatchedIdentity;

/**
 * Refuses expired listeners, and expired certificates for origins, devices and applications. The
 * daemon starts without them, because its other listeners and routes still work; {@code check}
 * reports them as errors.
 */
final class ExpiredParts {
  private ExpiredParts() {}

  static void refuseListeners(LoadedConfig loaded) throws InvalidConfigException {
    List<ConfigProblem> problems = new ArrayList<>();
    List<String> names = loaded.config().listeners().stream().map(ListenerConfig::name).toList();
    for (ListenerExpiry expiry : ListenerExpiry.of(loaded.config())) {
      if (expiry.isOver(Instant.now())) {
        problems.add(
            new ConfigProblem(
                "listeners[" + names.indexOf(expiry.listener()) + "].until",
                "got '" + expiry.until() + "', which has passed; the listener is closed",
                "a future day",
                "remove the listener, or set a later day"));
      }
    }
    refuse(loaded, problems);
  }

  static void refuseClientCertificates(LoadedConfig loaded, List<OriginIdentitySource> sources)
      throws InvalidConfigException {
    List<Route> routes = ConfiguredRoutes.of(loaded.config()).routes();
    List<ConfigProblem> problems = new ArrayList<>();
    for (OriginIdentitySource source : sources) {
      CertificateExpiry expiry =
          CertificateExpiry.of(IdentityUse.client(source.name()), source.current(), Instant.now());
      for (int i = 0; i < routes.size(); i++) {
        if (expiry.state() == CertificateExpiry.State.EXPIRED
            && source.name().equals(routes.get(i).clientCertificate())) {
          problems.add(
              new ConfigProblem("routes[" + i + "].clientCertificate", expiry.text(), "", ""));
        }
      }
    }
    refuse(loaded, problems);
  }

  static void refuseListenerCertificates(LoadedConfig loaded, List<WatchedIdentity> sources)
      throws InvalidConfigException {
    List<String> names = loaded.config().listeners().stream().map(ListenerConfig::name).toList();
    refuse(loaded, sources, name -> "listeners[" + names.indexOf(name) + "]");
  }

  static void refuseApplicationCertificates(LoadedConfig loaded, List<WatchedIdentity> sources)
      throws InvalidConfigException {
    SignInConfig signIn = loaded.config().signIn();
    if (signIn != null) {
      Map<String, String> paths =
          signIn.tenants().stream().collect(Collectors.toMap(SignInTenant::name, signIn::path));
      refuse(loaded, sources, paths::get);
    }
  }

  private static void refuse(
      LoadedConfig loaded, List<WatchedIdentity> sources, UnaryOperator<String> path)
      throws InvalidConfigException {
    List<ConfigProblem> problems = new ArrayList<>();
    for (WatchedIdentity source : sources) {
      CertificateExpiry expiry = source.expiry(Instant.now());
      if (expiry.state() == CertificateExpiry.State.EXPIRED) {
        problems.add(
            new ConfigProblem(path.apply(source.name()) + ".certificate", expiry.text(), "", ""));
      }
    }
    refuse(loaded, problems);
  }

  private static void refuse(LoadedConfig loaded, List<ConfigProblem> problems)
      throws InvalidConfigException {
    if (!problems.isEmpty()) {
      throw loaded.invalid(problems);
    }
  }
}
