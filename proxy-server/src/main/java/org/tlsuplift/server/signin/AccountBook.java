package org.tlsuplift.server.signin;

import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.Accounts;
import org.tlsuplift.proxy.signin.Credential;
import org.tlsuplift.proxy.signin.SignInRequest;

/**
 * The current accounts, which can be replaced at any time. Thread-safe.
 *
 * <p>Guessing is slowed for each device and each login; {@link PasswordChecks} lists the
 * exceptions.
 */
public final class AccountBook implements Accounts, AutoCloseable {
  private static final String BUSY =
      "too many password checks at a time; if it continues, someone guesses passwords, or hashes are too expensive";

  /** The number of an account's networks that a refusal names. */
  private static final int MAX_NETWORKS = 3;

  private final PasswordChecks passwords;
  private final PasswordHash nobodys;
  private final SignInTimes times;
  private volatile AccountTable table;

  /**
   * Takes the time of one hash.
   *
   * @param networks what counts as one device
   * @param times gets the sign-ins
   */
  public AccountBook(List<AccountEntry> entries, DeviceNetworks networks, SignInTimes times) {
    this(entries, networks, times, Ticker.systemTicker());
  }

  AccountBook(
      List<AccountEntry> entries, DeviceNetworks networks, SignInTimes times, Ticker clock) {
    table = new AccountTable(entries);
    this.times = times;
    passwords = new PasswordChecks("account passwords", networks, clock);
    nobodys = PasswordHash.of(new char[0]);
  }

  /** Changes what counts as one device. */
  public void group(DeviceNetworks networks) {
    passwords.group(networks);
  }

  /** Replaces all accounts. The {@code standing} of earlier results follows at once. */
  public void replace(List<AccountEntry> entries) {
    table = new AccountTable(entries);
    times.keep(entries.stream().map(AccountEntry::key).collect(Collectors.toSet()));
  }

  public int size() {
    return table.size;
  }

  public Set<String> mailboxes() {
    return table.mailboxes;
  }

  /** The first enabled account of a mailbox, for mail that was accepted from its devices. */
  public Optional<AccountResult.Known> byMailbox(String mailbox) {
    return table.byMailbox(mailbox).map(entry -> entry.known(AccountResult.Standing.PERMANENT));
  }

  @Override
  public CompletionStage<AccountResult> check(SignInRequest request) {
    Credential credential = request.credential();
    if (credential == null) {
      return CompletableFuture.completedStage(byAddress(request.device()));
    }
    try {
      return byPassword(request.device(), credential);
    } finally {
      credential.wipe();
    }
  }

  private AccountResult byAddress(InetAddress device) {
    return table
        .byAddress(device)
        .<AccountResult>map(
            entry -> entry.enabled() ? known(entry, device) : new AccountResult.Unknown(off(entry)))
        .orElseGet(
            () ->
                new AccountResult.Unknown(
                    "no account without a login has the address "
                        + device.getHostAddress()
                        + "; add it to 'devices' of an account, or let the device sign in"));
  }

  private CompletionStage<AccountResult> byPassword(InetAddress device, Credential credential) {
    String login = credential.login().toLowerCase(Locale.ROOT);
    AccountTable now = table;
    Optional<AccountEntry> entry = now.byLogin(login);
    // Without such an account, a hash is compared too, so that the time reveals nothing.
    PasswordHash hash = entry.map(AccountEntry::password).orElseGet(() -> like(now));
    boolean serves = entry.isPresent() && entry.get().serves(device);
    CompletableFuture<PasswordVerdict> verdict =
        passwords.check(device, login, hash, credential.password(), serves);
    CompletableFuture<AccountResult> answer =
        verdict.thenApply(known -> answer(known, login, entry, device));
    var unused =
        answer.whenComplete(
            (told, fault) -> {
              if (answer.isCancelled()) {
                verdict.cancel(false);
              }
            });
    return answer;
  }

  private PasswordHash like(AccountTable now) {
    AccountEntry any = now.anyWithPassword();
    return any == null || any.password() == null ? nobodys : any.password();
  }

  private AccountResult.Known known(AccountEntry entry, InetAddress device) {
    return entry.known(
        new AccountResult.Standing() {
          @Override
          public boolean holds() {
            return admits(entry, device);
          }

          @Override
          public void signedIn() {
            times.signedIn(entry.key(), device);
          }
        });
  }

  private static String off(AccountEntry entry) {
    return "account " + entry.account().mailbox() + " is disabled; enable it if it is needed";
  }

  /** Whether the current accounts admit a device in the same way as an earlier entry. */
  private boolean admits(AccountEntry entry, InetAddress device) {
    AccountTable now = table;
    Optional<AccountEntry> current =
        entry.login() == null ? now.byAddress(device) : now.byLogin(entry.login());
    return current.filter(found -> found.isLike(entry) && found.serves(device)).isPresent();
  }

  private AccountResult answer(
      PasswordVerdict verdict, String login, Optional<AccountEntry> entry, InetAddress device) {
    if (verdict instanceof PasswordVerdict.Right && entry.isPresent()) {
      return known(entry.get(), device);
    } else if (verdict instanceof PasswordVerdict.Slowed slowed) {
      return new AccountResult.Unavailable(
          "too many wrong passwords %s; passwords are not checked for another %s s"
              .formatted(
                  slowed.byLogin() ? "for this login" : "from " + device.getHostAddress(),
                  slowed.left().toSeconds() + 1));
    } else if (verdict instanceof PasswordVerdict.Busy) {
      return new AccountResult.Unavailable(BUSY);
    } else if (verdict instanceof PasswordVerdict.Right
        || verdict instanceof PasswordVerdict.Wrong) {
      return unknown(login, entry, device);
    }
    throw new UnhandledVariantException(verdict);
  }

  private static AccountResult unknown(
      String login, Optional<AccountEntry> entry, InetAddress device) {
    String quoted = ShortText.quoted(login);
    return new AccountResult.Unknown(
        entry
            .map(
                known ->
                    !known.enabled()
                        ? off(known)
                        : known.serves(device)
                            ? "wrong password for login %s of account %s"
                                .formatted(quoted, known.account().mailbox())
                            : "login %s of account %s is allowed for %s, not for address %s; see its 'devices'"
                                .formatted(
                                    quoted,
                                    known.account().mailbox(),
                                    ShortText.list(
                                        known.devices().stream().map(Cidr::toString).toList(),
                                        ", ",
                                        MAX_NETWORKS),
                                    device.getHostAddress()))
            // It may be a password in the wrong field.
            .orElse("no account has the device's login"));
  }

  /** Ends the threads; waiting checks end as busy. */
  @Override
  public void close() {
    passwords.close();
  }
}
