package org.tlsuplift.server.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.server.config.yaml.Problems;
import org.tlsuplift.server.microsoft365.ListName;
import org.tlsuplift.server.microsoft365.PublishedList;

/** Checks that span several keys; skips keys that already have errors. */
public final class ConfigValidator {
  private final ServerConfig config;
  private final Problems problems;

  private ConfigValidator(ServerConfig config, Problems problems) {
    this.config = config;
    this.problems = problems;
  }

  public static void check(ServerConfig config, Problems problems) {
    ConfigValidator validator = new ConfigValidator(config, problems);
    validator.names();
    validator.addresses();
    validator.origins();
    FileChecks.check(config, problems);
  }

  private void names() {
    for (int i = 0; i < config.listeners().size(); i++) {
      String path = listener(i) + ".name";
      String name = config.listeners().get(i).name();
      for (int j = 0; j < i; j++) {
        if (problems.clean(path) && name.equals(config.listeners().get(j).name())) {
          problems.error(
              path, Problems.got(name), "a unique name", listener(j) + " has the same name");
        }
      }
    }
  }

  private void addresses() {
    BindAddress admin = config.admin().bind();
    Map<String, BindAddress> taken = new LinkedHashMap<>();
    for (int i = 0; i < config.listeners().size(); i++) {
      List<BindAddress> binds = config.listeners().get(i).bind();
      for (int j = 0; j < binds.size(); j++) {
        String path = listener(i) + ".bind" + (binds.size() == 1 ? "" : "[" + j + "]");
        BindAddress bind = binds.get(j);
        if (problems.clean(path)) {
          collisions(path, bind, taken);
          taken.put(path, bind);
          if (problems.clean("admin.bind")) {
            collisions("admin.bind", admin, Map.of(path, bind));
          }
        }
      }
    }
  }

  private void collisions(String path, BindAddress bind, Map<String, BindAddress> taken) {
    taken.forEach(
        (other, address) -> {
          if (problems.clean(path) && bind.collidesWith(address)) {
            problems.error(path, Problems.got(bind), "an unused address", other + " uses it");
          }
        });
  }

  private void origins() {
    if (!problems.clean("routes")) {
      return;
    }
    PublishedList list = ConfiguredRoutes.list(config);
    RouteTable table = ConfiguredRoutes.of(config.routes(), list);
    EndpointList receiving = ListName.MX.select(list);
    for (int i = 0; i < config.listeners().size(); i++) {
      String path = listener(i) + ".origin";
      HostPort origin = config.listeners().get(i).origin();
      if (origin == null || !problems.clean(path)) {
        continue;
      }
      table
          .precheck(origin)
          .ifPresent(
              deny ->
                  problems.error(
                      path,
                      Problems.got(origin),
                      "an origin that a route allows",
                      deny.reason() == CloseReason.NO_ROUTE && receiving.contains(origin)
                          ? "add '" + origin + "' to 'routes': only 'microsoft365:mx' has port 25"
                          : deny.detail()));
    }
    for (int i = 0; i < config.listeners().size(); i++) {
      MailPolicyChecks.check(
          listener(i), config.listeners().get(i), config.mail(), table, problems);
    }
  }

  private static String listener(int index) {
    return "listeners[" + index + "]";
  }
}
