package org.tlsuplift.server.signin;

import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.tlsuplift.proxy.signin.AccountAnswer;
import org.tlsuplift.proxy.signin.Accounts;
import org.tlsuplift.proxy.signin.Credential;
import org.tlsuplift.proxy.signin.SignInRequest;
import org.tlsuplift.server.password.GuessBrake;
import org.tlsuplift.server.password.Hashing;
import org.tlsuplift.server.password.PasswordHash;
import org.tlsuplift.server.password.ProvenPasswords;

/**
 * The accounts that hold now; they can be exchanged at any time. Thread-safe.
 *
 * <p>Guessing is slowed for each device and for each login. A device that has lately signed in with
 * the same login and password goes on while others guess at that login.
 */
public final class AccountBook implements Accounts, AutoCloseable {
  private static final String BUSY =
      "too many passwords are being compared; if this goes on, somebody guesses, or hashes cost too"
          + " much";

  private final ProvenPasswords proven;
  private final GuessBrake<InetAddress> devices;
  private final GuessBrake<String> logins;
  private final Hashing hashing = new Hashing("account passwords");
  private final PasswordHash nobodys;
  private volatile AccountTable table;

  /** A book of these accounts. Takes the time of one hash. */
  public AccountBook(List<AccountEntry> entries) {
    this(entries, Ticker.systemTicker());
  }

  AccountBook(List<AccountEntry> entries, Ticker clock) {
    table = new AccountTable(entries);
    proven = new ProvenPasswords(clock);
    devices = new GuessBrake<>(clock);
    logins = new GuessBrake<>(clock);
    nobodys = PasswordHash.of(new char[0]);
  }

  /** From now on these hold. */
  public void replace(List<AccountEntry> entries) {
    table = new AccountTable(entries);
  }

  /** How many there are. */
  public int size() {
    return table.size();
  }

  /** The mailboxes that somebody may sign in to. */
  public Set<String> mailboxes() {
    return table.mailboxes();
  }

  @Override
  public CompletionStage<AccountAnswer> check(SignInRequest request) {
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

  private AccountAnswer byAddress(InetAddress device) {
    return table
        .byAddress(device)
        .<AccountAnswer>map(entry -> new AccountAnswer.Known(entry.account()))
        .orElseGet(
            () ->
                new AccountAnswer.Unknown(
                    "no account is for "
                        + device.getHostAddress()
                        + " without a login; add its address to 'devices' of one, or let the device"
                        + " sign in"));
  }

  private CompletionStage<AccountAnswer> byPassword(InetAddress device, Credential credential) {
    String login = credential.login().toLowerCase(Locale.ROOT);
    AccountTable now = table;
    Optional<AccountEntry> entry = now.byLogin(login);
    Duration wait = devices.wait(device);
    if (!wait.isZero()) {
      return answer(slowed("from " + device.getHostAddress(), wait));
    }
    // Where there is no such account a hash is compared all the same: time tells nothing.
    PasswordHash hash = entry.map(AccountEntry::password).orElseGet(() -> like(now));
    ProvenPasswords.Digest digest = proven.digest(login, hash, credential.password());
    wait = logins.wait(login);
    if (wait.isZero() ? proven.isProven(digest) : proven.isProvenBy(digest, device)) {
      return answer(matched(entry, device, login, digest));
    }
    if (!wait.isZero()) {
      return answer(slowed("for this login", wait));
    }
    return hashing
        .matches(digest, hash, credential.password())
        .<CompletionStage<AccountAnswer>>map(
            comparison ->
                comparison.handle(
                    (matches, fault) ->
                        fault != null
                            ? new AccountAnswer.Unavailable(BUSY)
                            : matches
                                ? matched(entry, device, login, digest)
                                : failed(device, login, entry)))
        .orElseGet(() -> answer(new AccountAnswer.Unavailable(BUSY)));
  }

  private PasswordHash like(AccountTable now) {
    AccountEntry any = now.anyWithPassword();
    return any == null || any.password() == null ? nobodys : any.password();
  }

  private AccountAnswer matched(
      Optional<AccountEntry> entry,
      InetAddress device,
      String login,
      ProvenPasswords.Digest digest) {
    if (entry.isEmpty() || !entry.get().serves(device)) {
      return failed(device, login, entry);
    }
    proven.proven(digest, device);
    devices.succeeded(device);
    logins.succeeded(login);
    return new AccountAnswer.Known(entry.get().account());
  }

  private AccountAnswer failed(InetAddress device, String login, Optional<AccountEntry> entry) {
    devices.failed(device);
    logins.failed(login);
    return new AccountAnswer.Unknown(
        entry
            .map(
                known ->
                    known.serves(device)
                        ? "the password is wrong for account " + known.account().mailbox()
                        : "account "
                            + known.account().mailbox()
                            + " is for other addresses than "
                            + device.getHostAddress()
                            + "; see its 'devices'")
            .orElse("no account has this login"));
  }

  private static AccountAnswer slowed(String whose, Duration wait) {
    return new AccountAnswer.Unavailable(
        "too many wrong passwords "
            + whose
            + "; nothing is compared for another "
            + (wait.toSeconds() + 1)
            + " s");
  }

  private static CompletionStage<AccountAnswer> answer(AccountAnswer answer) {
    return CompletableFuture.completedStage(answer);
  }

  /** Ends the threads; whoever waits is told so. */
  @Override
  public void close() {
    hashing.close();
  }
}
