package org.tlsuplift.server.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.feature.HasCheck;

/**
 * Chooses what the doctor checks, for the command and the page. Messages about a wrong choice name
 * the options of the command.
 *
 * @param features the checks of features
 * @param listener the name of a listener; null for all
 * @param account the login or mailbox of an account; null for all
 */
public record DoctorTargets(
    ServerConfig all,
    List<HasCheck> features,
    @Nullable String listener,
    @Nullable String account) {
  /**
   * A path to check.
   *
   * @param account null if devices sign in to the origin themselves
   */
  public record Target(ListenerConfig listener, SignInConfig.@Nullable Account account) {}

  /** The mail listeners with a fixed origin. */
  public static List<ListenerConfig> listeners(ServerConfig all) {
    return all.listeners().stream()
        .filter(each -> each.origin() != null && each.service().upstreamTls() != null)
        .toList();
  }

  /** Those that accept messages. */
  public static List<ListenerConfig> submission(ServerConfig all) {
    return listeners(all).stream()
        .filter(each -> each.service().protocol() == ListenerConfig.Protocol.SMTP)
        .toList();
  }

  /** The checks beside the paths, if all is checked. */
  public List<HasCheck> others() {
    return listener != null || account != null
        ? List.of()
        : features.stream().filter(each -> each.applies(false)).toList();
  }

  private boolean needPath() {
    return others().stream().noneMatch(each -> each.applies(true));
  }

  /**
   * The paths of the chosen listeners and accounts.
   *
   * @throws IllegalArgumentException if there is nothing to check, with the reason
   */
  public List<Target> paths() throws InvalidConfigException {
    if (!needPath() && listeners(all).isEmpty()) {
      return List.of();
    }
    List<ListenerConfig> chosen = chosen(account != null);
    List<SignInConfig.Account> accounts = accounts();
    List<Target> paths = new ArrayList<>();
    for (ListenerConfig each : chosen) {
      if (each.signIn()) {
        served(each, accounts).forEach(who -> paths.add(new Target(each, who)));
      } else {
        paths.add(new Target(each, null));
      }
    }
    if (paths.isEmpty() && needPath()) {
      throw new IllegalArgumentException(
          "no listener to test leads to the origin of the account; add one with 'signIn: true' and that origin, or correct 'upstream.origin' or 'tenant' of the account");
    }
    return paths;
  }

  /**
   * The only path for a test message.
   *
   * @throws IllegalArgumentException if there is none, or several, with the reason
   */
  public Target ofTestMail() throws InvalidConfigException {
    List<ListenerConfig> chosen = chosen(true);
    chosen = submission(all).stream().filter(chosen::contains).toList();
    if (chosen.size() != 1) {
      throw new IllegalArgumentException(
          chosen.isEmpty()
              ? "--send-to: needs a listener with 'protocol: smtp'; choose it with --listener"
              : "--listener: expected one of " + names(chosen));
    }
    ListenerConfig only = chosen.get(0);
    List<SignInConfig.Account> accounts =
        only.signIn() ? served(only, accounts()) : List.<SignInConfig.Account>of();
    if (accounts.size() > 1) {
      throw new IllegalArgumentException(
          "--send-to: name the account whose device sends the message");
    }
    return new Target(only, accounts.isEmpty() ? null : accounts.get(0));
  }

  /**
   * The listeners to test.
   *
   * @param signInFirst whether listeners without {@code signIn} count only if there are no others
   */
  private List<ListenerConfig> chosen(boolean signInFirst) {
    List<ListenerConfig> ofMail = listeners(all);
    boolean onlySignIn = signInFirst && ofMail.stream().anyMatch(ListenerConfig::signIn);
    List<ListenerConfig> meant =
        ofMail.stream()
            .filter(
                each ->
                    listener == null ? each.signIn() || !onlySignIn : each.name().equals(listener))
            .toList();
    if (meant.isEmpty()) {
      throw new IllegalArgumentException(
          listener == null
              ? "no mail listener has a fixed origin; add one with 'accept: fixed' and a mail protocol"
              : "--listener: got '" + listener + "'; expected " + names(ofMail));
    }
    if (account != null && meant.stream().noneMatch(ListenerConfig::signIn)) {
      throw new IllegalArgumentException(
          "'" + account + "' is an account, but no listener to test has 'signIn: true'");
    }
    return meant;
  }

  private static String names(List<ListenerConfig> listeners) {
    return listeners.stream().map(ListenerConfig::name).collect(Collectors.joining(", "));
  }

  private List<SignInConfig.Account> served(
      ListenerConfig listener, List<SignInConfig.Account> accounts) {
    SignInConfig signIn = all.signIn();
    return signIn == null
        ? List.of()
        : accounts.stream()
            .filter(account -> ServedAccounts.serves(listener, account, signIn, all.listeners()))
            .toList();
  }

  /** The selected accounts, each way to sign in once. */
  private List<SignInConfig.Account> accounts() throws InvalidConfigException {
    SignInConfig signIn = all.signIn();
    if (signIn == null) {
      return List.of();
    }
    Map<List<@Nullable Object>, SignInConfig.Account> meant = new LinkedHashMap<>();
    AccountsFile.all(signIn).stream()
        .filter(this::isMeant)
        .forEach(
            each ->
                meant.putIfAbsent(
                    Arrays.asList(each.mailbox(), each.tenant(), each.upstream()), each));
    if (meant.isEmpty() && needPath()) {
      throw new IllegalArgumentException(
          account == null
              ? "there are no accounts; run 'tls-uplift accounts add'"
              : "got '"
                  + account
                  + "'; expected the login or mailbox of an account; run 'tls-uplift accounts list'");
    }
    return List.copyOf(meant.values());
  }

  private boolean isMeant(SignInConfig.Account known) {
    return account == null
        ? !known.disabled()
        : known.mailbox().equalsIgnoreCase(account)
            || account.toLowerCase(Locale.ROOT).equals(known.login());
  }
}
