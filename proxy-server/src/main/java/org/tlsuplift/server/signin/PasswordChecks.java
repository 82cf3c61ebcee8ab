package org.tlsuplift.server.signin;

import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.server.signin.HashingPool.Outcome;
import org.tlsuplift.server.signin.PasswordVerdict.Busy;
import org.tlsuplift.server.signin.PasswordVerdict.Right;
import org.tlsuplift.server.signin.PasswordVerdict.Slowed;
import org.tlsuplift.server.signin.PasswordVerdict.Wrong;

/**
 * Checks passwords, and slows those who guess them: by device, which is a whole network for IPv6,
 * and by login. A guess is charged before it is compared, and a correct password takes back its own
 * charge only, because a guesser may have an account too. Never blocks. Thread-safe.
 *
 * <p>Guesses of others do not lock out a device that knows the password:
 *
 * <ul>
 *   <li>An address from which the password was correct within 30 days is not slowed. If this
 *       address also guesses, it has 100 different wrong passwords a day for each of these logins.
 *       After that it is slowed like others.
 *   <li>A device without a wrong password for a day gets one comparison while its login is slowed.
 *       So a device still works after a restart, which forgets the addresses.
 *   <li>A device that repeats a wrong password is charged once. So it does not slow others behind
 *       its address.
 * </ul>
 */
public final class PasswordChecks implements AutoCloseable {
  private volatile DeviceNetworks networks;
  private final VerifiedPasswordCache proven;
  private final LoginThrottle<InetAddress> devices;
  private final LoginThrottle<String> logins;
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
    hashingPool = new HashingPool(threads);
  }

  /** Changes what counts as one device; earlier guesses keep counting for what they were. */
  public void group(DeviceNetworks other) {
    networks = other;
  }

  /**
   * Checks a password. Does not clear the array; the caller does.
   *
   * @param login in normalised form
   * @param hash of the login, or any hash for an unknown login, so that the time reveals nothing
   * @param admitted false if the result must not be right, whatever the password
   * @return never fails; cancelling it drops a check that has not begun
   */
  public CompletableFuture<PasswordVerdict> check(
      InetAddress device, String login, PasswordHash hash, char[] password, boolean admitted) {
    VerifiedPasswordCache.Digest digest = proven.digest(login, hash, password);
    if (proven.isWrong(digest, device)) {
      return CompletableFuture.completedFuture(new Wrong());
    }
    Optional<Slowed> slowed = slowed(device, login);
    if (slowed.isPresent()) {
      return CompletableFuture.completedFuture(
          admitted && proven.isProvenBySlowed(digest, device)
              ? right(digest, device, null)
              : slowed.get());
    }
    if (proven.isProven(digest, device)) {
      return CompletableFuture.completedFuture(
          admitted ? right(digest, device, null) : wrong(device, login, null));
    }
    AtomicReference<@Nullable Runnable> charge = new AtomicReference<>();
    // Otherwise the charge waits for a thread, so that new devices behind one address can queue.
    if (proven.isComparable(digest, device) && !isCharged(device, login, charge)) {
      return CompletableFuture.completedFuture(slowedOrBusy(device, login));
    }
    CompletableFuture<Outcome> comparison =
        hashingPool.compare(
            digest,
            networks.of(device),
            hash,
            password,
            () -> charge.get() != null || isCharged(device, login, charge));
    CompletableFuture<PasswordVerdict> verdict =
        comparison.thenApply(
            outcome ->
                switch (outcome) {
                  case MATCHES ->
                      admitted
                          ? right(digest, device, charge.get())
                          : wrong(device, login, charge.get());
                  case DIFFERS -> {
                    proven.wrong(digest, device);
                    // Charges a device that joined the comparison of another one.
                    yield wrong(device, login, charge.get());
                  }
                  case NOT_ADMITTED -> slowedOrBusy(device, login);
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

  /**
   * Counts a wrong secret without a login, unless guessing is slowed.
   *
   * @return the wait before this device may try again; zero if the secret is known to be wrong
   */
  public synchronized Duration refuse(InetAddress device, String secret) {
    VerifiedPasswordCache.Digest digest = proven.digest(secret.toCharArray());
    Duration wait = proven.isWrong(digest, device) ? Duration.ZERO : wait(device);
    if (wait.isZero() && !proven.isWrong(digest, device)) {
      proven.wrong(digest, device);
      var unused = charge(device);
    }
    return wait;
  }

  private Duration wait(InetAddress device) {
    return longer(devices.wait(device), devices.wait(networks.of(device)));
  }

  private Runnable charge(InetAddress device) {
    InetAddress network = networks.of(device);
    Runnable ofNetwork = devices.charge(network);
    Runnable ofDevice = network.equals(device) ? () -> {} : devices.charge(device);
    return () -> {
      ofNetwork.run();
      ofDevice.run();
    };
  }

  private Runnable charge(InetAddress device, String login) {
    Runnable ofDevice = charge(device);
    Runnable ofLogin = logins.charge(login);
    return () -> {
      ofDevice.run();
      ofLogin.run();
    };
  }

  private PasswordVerdict wrong(InetAddress device, String login, @Nullable Runnable charge) {
    if (charge == null) {
      var unused = charge(device, login);
    }
    return new Wrong();
  }

  private PasswordVerdict right(
      VerifiedPasswordCache.Digest digest, InetAddress device, @Nullable Runnable charge) {
    proven.proven(digest, device);
    if (charge != null) {
      charge.run();
    }
    return new Right();
  }

  private Optional<Slowed> slowed(InetAddress device, String login) {
    Duration byDevice = wait(device);
    if (!byDevice.isZero()) {
      return Optional.of(new Slowed(false, byDevice));
    }
    Duration byLogin = logins.wait(login);
    return byLogin.isZero() || !devices.hasFailed(networks.of(device))
        ? Optional.empty()
        : Optional.of(new Slowed(true, byLogin));
  }

  private PasswordVerdict slowedOrBusy(InetAddress device, String login) {
    return slowed(device, login).<PasswordVerdict>map(found -> found).orElse(new Busy());
  }

  /** Counts a guess, unless guessing was slowed while it waited. */
  private synchronized boolean isCharged(
      InetAddress device, String login, AtomicReference<@Nullable Runnable> charge) {
    if (slowed(device, login).isPresent()) {
      return false;
    }
    charge.set(charge(device, login));
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
