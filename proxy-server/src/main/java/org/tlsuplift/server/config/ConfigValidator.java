package org.tlsuplift.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.config.secret.PasswordFile;
import org.tlsuplift.server.microsoft365.ListName;
import org.tlsuplift.server.microsoft365.PublishedList;
import org.tlsuplift.server.process.DataDirectory;
import org.tlsuplift.server.seal.SealKey;

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
    validator.files();
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
      MailPolicyChecks.check(listener(i), config.listeners().get(i), config, table, problems);
    }
  }

  private void files() {
    String sign = "anyone with this file can issue certificates as your CA";
    KeyFiles authority = config.certificateAuthority().keyFiles();
    LogConfig.Syslog syslog = config.log().syslog();
    FileChecks.certificates("upstream.trust", config.upstream().trust(), problems);
    FileChecks.certificates("log.syslog.trust", syslog == null ? null : syslog.trust(), problems);
    FileChecks.certificates("certificateAuthority.certificate", authority.certificate(), problems);
    var unused = FileChecks.readable("certificateAuthority.key", authority.key(), problems);
    FileChecks.secret("certificateAuthority.pkcs12", authority.pkcs12(), sign, problems);
    FileChecks.secret(
        "certificateAuthority.passwordFile", authority.passwordFile(), sign, problems);
    names("devices.namesFile", config.devices().namesFile());
    if (config.database() != null) {
      FileChecks.secret(
          "database.passwordFile",
          config.database().passwordFile(),
          "anyone with this file can read and change the inventory",
          problems);
      FileChecks.hidden("database.keyFile", config.database().keyFile(), SealKey::read, problems);
    }
    for (int i = 0; i < config.routes().size(); i++) {
      KeyFiles files = config.routes().get(i).clientCertificate();
      if (files != null) {
        CertificateChecks.client("routes[" + i + "].clientCertificate", files, problems);
      }
    }
    for (int i = 0; i < config.listeners().size(); i++) {
      users(listener(i) + ".users", config.listeners().get(i).access().users());
    }
    CertificateChecks.listeners(config, problems);
    CertificateChecks.admin(config.admin(), problems);
    if (config.admin().openIdConnect() != null) {
      config.admin().openIdConnect().checkFiles(problems);
    }
    config.upstream().egress().check("upstream.via", config.listeners(), problems);
    for (int i = 0; i < config.routes().size(); i++) {
      config.routes().get(i).egress().check("routes[" + i + "].via", config.listeners(), problems);
    }
    config.metrics().checkFiles(problems);
    SignInChecks.check(config, problems);
    if (config.notifications() != null) {
      config.notifications().checkFiles(problems);
      if (!config.notifications().weekly().isEmpty() && !config.inventory().enabled()) {
        problems.error(
            "notify.weekly",
            "inventory.enabled is false",
            "an inventory with the devices",
            "set it to true, or remove 'weekly'");
      }
    }
    dataDirectory(config.dataDirectory());
  }

  private void dataDirectory(Path directory) {
    Path all = directory.toAbsolutePath().normalize();
    Path there = DataDirectory.existing(all);
    if (Files.exists(there) && !Files.isDirectory(there)) {
      problems.error(
          "dataDirectory",
          Problems.got(directory),
          "a directory, which is created if missing",
          (there.equals(all) ? "this" : there) + " is a file; set another path");
    } else if (Files.exists(there) && !Files.isWritable(there)) {
      problems.warning(
          "dataDirectory",
          Problems.got(directory) + "; this user may not write to " + there,
          "let the user that runs TLS Uplift write there, or set another path");
    }
  }

  private void users(String at, List<ListenerConfig.User> users) {
    for (int i = 0; i < users.size(); i++) {
      var unused =
          FileChecks.warned(
              at + "[" + i + "].passwordFile",
              users.get(i).passwordFile(),
              "anyone with this file can use this listener",
              PasswordFile::socks,
              problems);
    }
  }

  private void names(String key, @Nullable Path file) {
    if (file == null || !FileChecks.readable(key, file, problems)) {
      return;
    }
    try {
      DeviceNamesReader.read(file);
    } catch (IOException wrong) {
      problems.error(
          key,
          Problems.got(file),
          "a file with an address, a comma and a name on each line",
          String.valueOf(wrong.getMessage()));
    }
  }

  private static String listener(int index) {
    return "listeners[" + index + "]";
  }
}
