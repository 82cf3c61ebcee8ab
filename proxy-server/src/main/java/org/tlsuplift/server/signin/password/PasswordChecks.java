package org.tlsuplift.server.signin.password;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.tlsuplift.proxy.limit.DeviceNetworks;
import org.tlsuplift.proxy.limit.DeviceRates;
import org.tlsuplift.server.signin.password.HashingPool.Outcome;
import org.tlsuplift.server.signin.password.PasswordVerdict.Busy;
import org.tlsuplift.server.signin.password.PasswordVerdict.Right;
import org.tlsuplift.server.signin.password.PasswordVerdict.Slowed;
import org.tlsuplift.server.signin.password.PasswordVerdict.Wrong;

/**
 * Checks passwords, and slows those who guess them: by device, which is a whole network for IPv6,
 * and by login. A guess is charged before it is compared. Never blocks. Thread-safe.
 *
 * <p>Guesses of others do not lock out a device that knows the password:
 *
 * <ul>
 *   <li>An address from which the password was correct within 30 days is not slowed. If this
 *       address also guesses, its password is looked up only once a second, so that it cannot guess
 *       this way.
 *   <li>A device without a wrong password for a day gets one comparison while its login is slowed.
 *       So a device still works after a restart, which forgets the addresses.
 * </ul>
 */
public final class PasswordChecks implements AutoCloseable {
  private static final int LOOKUPS_PER_SECOND = 1;
  private static final int LOOKUPS_AT_ONCE = 10;
  private static final Duration DAY = Duration.ofDays(1);
  private static final int MAX_DEVICES = 100_000;

  private volatile DeviceNetworks networks;
  private final VerifiedPasswordCache proven;
  private final LoginThrottle<InetAddress> devices;
  private final LoginThrottle<String> logins;
  private final DeviceRates lookups;
  private final Cache<InetAddress, Boolean> guessers;
  private final HashingPool hashingPool;

  /**
   * @param threads the name of the comparing threads
   * @param networks what counts as one device
   */
  public PasswordChecks(String threads, DeviceNetworks networks, Ticker clock) {
    this.networks = networks;
    proven = new VerifiedPasswordCache(clock);
    devices = new LoginThrottle<>(clock);
    logins = new LoginThrottle<>(clock);
    lookups = new DeviceRates(LOOKUPS_PER_SECOND, LOOKUPS_AT_ONCE, clock::read);
    guessers =
        Caffeine.newBuilder().ticker(clock).maximumSize(MAX_DEVICES).expireAfterWrite(DAY).build();
    hashingPool = new HashingPool(threads);
  }

  /** Changes what counts as one device; earlier guesses keep counting for what they were. */
  public void group(DeviceNetworks other) {
    networks = other;
  }

  /**
   * Checks a password; the characters stay.
   *
   * @param login in normalised form
   * @param hash of the login, or any hash for an unknown login, so that the time reveals nothing
   * @param admitted false if the result must not be right, whatever the password
   * @return never fails; cancelling it drops a check that has not begun
   */
  public CompletableFuture<PasswordVerdict> check(
      InetAddress device, String login, PasswordHash hash, char[] password, boolean admitted) {
    VerifiedPasswordCache.Digest digest = proven.digest(login, hash, password);
    Duration wait = devices.wait(device);
    if (!wait.isZero() && !lookups.take(device)) {
      return CompletableFuture.completedFuture(new Slowed(false, wait));
    }
    if (admitted && proven.isProvenBy(digest, device)) {
      return CompletableFuture.completedFuture(right(digest, device, login));
    }
    Optional<Slowed> slowed = slowed(device, login);
    if (slowed.isPresent()) {
      return CompletableFuture.completedFuture(slowed.get());
    }
    if (proven.isProven(digest)) {
      return CompletableFuture.completedFuture(
          admitted ? right(digest, device, login) : wrong(device, login, false));
    }
    AtomicBoolean charged = new AtomicBoolean();
    CompletableFuture<Outcome> comparison =
        hashingPool.compare(
            digest,
            networks.of(device),
            hash,
            password,
            () -> {
              charged.set(isCharged(device, login));
              return charged.get();
            });
    CompletableFuture<PasswordVerdict> verdict =
        comparison.thenApply(
            outcome ->
                switch (outcome) {
                  case MATCHES ->
                      admitted ? right(digest, device, login) : wrong(device, login, charged.get());
                  // Charges a device that joined the comparison of another one.
                  case DIFFERS -> wrong(device, login, charged.get());
                  case NOT_ADMITTED ->
                      slowed(device, login).<PasswordVerdict>map(found -> found).orElse(new Busy());
                  case BUSY -> new Busy();
                });
    var unused =
        verdict.whenComplete(
            (answer, fault) -> {
              if (verdict.isCancelled()) {
                comparison.cancel(false);
              }
            });
    return verdict;
  }

  /** The wait before this device may try again; zero for none. */
  public Duration wait(InetAddress device) {
    return longer(devices.wait(device), devices.wait(networks.of(device)));
  }

  /** Counts a wrong guess without a login. */
  public void charge(InetAddress device) {
    InetAddress network = networks.of(device);
    devices.charge(network);
    if (!network.equals(device)) {
      devices.charge(device);
    }
    guessers.put(network, true);
  }

  private PasswordVerdict wrong(InetAddress device, String login, boolean charged) {
    if (!charged) {
      charge(device);
      logins.charge(login);
    }
    return new Wrong();
  }

  private PasswordVerdict right(
      VerifiedPasswordCache.Digest digest, InetAddress device, String login) {
    proven.proven(digest, device);
    InetAddress network = networks.of(device);
    devices.succeeded(device);
    devices.succeeded(network);
    guessers.invalidate(network);
    logins.succeeded(login);
    return new Right();
  }

  private Optional<Slowed> slowed(InetAddress device, String login) {
    Duration byDevice = wait(device);
    if (!byDevice.isZero()) {
      return Optional.of(new Slowed(false, byDevice));
    }
    Duration byLogin = logins.wait(login);
    boolean first = guessers.getIfPresent(networks.of(device)) == null;
    return byLogin.isZero() || first ? Optional.empty() : Optional.of(new Slowed(true, byLogin));
  }

  /** Counts a guess, unless guessing was slowed while it waited. */
  private boolean isCharged(InetAddress device, String login) {
    if (slowed(device, login).isPresent()) {
      return false;
    }
    charge(device);
    logins.charge(login);
    return true;
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  /** Ends the threads; waiting checks end as busy. */
  @Override
  public void close() {
    hashingPool.close();
  }
}
