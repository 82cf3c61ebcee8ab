package org.tlsuplift.server.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.secret.ReadableSecrets;

/** Warns about sign-in that serves no device, or that exposes passwords. */
final class SignInWarnings {
  private SignInWarnings() {}

  static void check(ServerConfig config, Problems problems) {
    SignInConfig signIn = config.signIn();
    if (signIn == null) {
      return;
    }
    if (config.listeners().stream().noneMatch(ListenerConfig::signIn)) {
      problems.warning("signIn", "no listener uses it", "write 'signIn: true' in a mail listener");
    }
    for (int i = 0; i < config.listeners().size(); i++) {
      ListenerConfig listener = config.listeners().get(i);
      if (listener.signIn() && listener.service().allowPlaintext()) {
        problems.warning(
            "listeners[" + i + "].signIn",
            "'true' with 'allowPlaintext' lets devices sign in without encryption",
            "give these devices their own passwords, or accounts with 'devices' and without a login");
      }
    }
    for (SignInTenant tenant : signIn.tenants()) {
      if (tenant.isPending()) {
        problems.warning(
            signIn.path(tenant) + ".applicationId",
            "'" + SignInTenant.PENDING + "'" + SignInTenant.IS_PENDING,
            tenant.setting("FILE"));
      }
    }
    unreachable(config, signIn, problems);
    unshared(config, signIn, problems);
    if (signIn.accountsFile() != null) {
      file(signIn.accountsFile(), signIn.accounts().isEmpty(), problems);
    }
  }

  /** Warns about passwords that no listener can use. */
  private static void unreachable(ServerConfig config, SignInConfig signIn, Problems problems) {
    Set<HostPort> reached =
        config.listeners().stream()
            .filter(ListenerConfig::signIn)
            .map(ListenerConfig::origin)
            .filter(Objects::nonNull)
            .collect(Collectors.toSet());
    for (int i = 0; i < signIn.accounts().size(); i++) {
      SignInConfig.Upstream upstream = signIn.accounts().get(i).upstream();
      if (upstream != null && !reached.contains(upstream.origin())) {
        problems.warning(
            "signIn.accounts[" + i + "].upstream.origin",
            "no listener with 'signIn: true' leads to '" + upstream.origin() + "'",
            "add a listener with this origin; devices cannot use this account");
      }
    }
  }

  /** Warns about sign-ins of users that other instances do not have. */
  private static void unshared(ServerConfig config, SignInConfig signIn, Problems problems) {
    if (config.database() != null && config.database().keyFile() == null) {
      signIn.tenants().stream()
          .filter(tenant -> tenant.flow() == SignInConfig.Flow.DEVICE_CODE)
          .findFirst()
          .ifPresent(
              tenant ->
                  problems.warning(
                      signIn.path(tenant) + ".flow",
                      "'device-code' without 'database.keyFile' keeps the sign-ins of users on this instance",
                      "set database.keyFile, so that all instances have them"));
    }
  }

  private static void file(Path file, boolean alone, Problems problems) {
    String key = "signIn.accountsFile";
    if (!Files.exists(file)) {
      if (alone) {
        problems.warning(
            key,
            "'" + file + "' does not exist, so no device can sign in",
            "run: tls-uplift accounts add");
      }
      return;
    }
    ReadableSecrets.warn(
        key, file, "anyone with this file can try to guess its passwords", problems);
  }
}
