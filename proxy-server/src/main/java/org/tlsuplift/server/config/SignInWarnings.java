package org.tlsuplift.server.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.config.binding.InvalidConfigException;
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
            "give these devices their own passwords, or accounts with 'devices' and without a"
                + " login");
      }
    }
    unreachable(config, signIn, problems);
    unspooled(config, signIn, problems);
    unshared(config, signIn, problems);
    if (signIn.accountsFile() != null) {
      file(signIn.accountsFile(), signIn.accounts().isEmpty(), problems);
    }
  }

  /**
   * Warns about listeners that would sign in at Microsoft 365 for an account that sends by Graph.
   */
  private static void unspooled(ServerConfig config, SignInConfig signIn, Problems problems) {
    if (accounts(signIn).stream().allMatch(each -> each.sendBy() == SignInConfig.SendBy.SMTP)) {
      return;
    }
    for (int i = 0; i < config.listeners().size(); i++) {
      ListenerConfig listener = config.listeners().get(i);
      MailConfig.Spool spool = listener.mail() == null ? null : listener.mail().spool();
      if (listener.signIn()
          && listener.service().protocol() == ListenerConfig.Protocol.SMTP
          && (spool == null || spool.when() != MailConfig.Spool.When.ALWAYS)) {
        problems.warning(
            "listeners[" + i + "].mail.spool.when",
            "without 'always', mail of accounts with 'sendBy: graph' or 'auto' meets SMTP AUTH"
                + " first",
            "set 'mail: {spool: {when: always}}': Graph takes whole messages from the spool");
      }
    }
  }

  private static List<SignInConfig.Account> accounts(SignInConfig signIn) {
    try {
      return AccountsFile.all(signIn);
    } catch (InvalidConfigException reported) {
      return List.of();
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
                      "'device-code' without 'database.keyFile' keeps the sign-ins of users on this"
                          + " instance",
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
