package org.tlsuplift.server.signin;

import java.net.InetAddress;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The latest sign-in of each account, and what a database must still get. Thread-safe. */
public final class SignInTimes {
  /** Further removed accounts stay in the database. */
  private static final int MAX_REMOVED = 10_000;

  private final Clock clock;
  private final Map<String, SignedIn> latest = new HashMap<>();
  private final Map<String, SignedIn> unwritten = new HashMap<>();
  private final Set<String> removed = new HashSet<>();
  private Set<String> accounts = Set.of();

  public SignInTimes(Clock clock) {
    this.clock = clock;
  }

  /** A sign-in that the origin accepted. */
  public record SignedIn(Instant at, String from) {}

  /** Writes to a database. */
  public interface Writer<X extends Exception> {
    /**
     * @param removed accounts, which may have been added and used again since then
     */
    void write(Set<String> removed, Map<String, SignedIn> signedIn) throws X;
  }

  synchronized void signedIn(String account, InetAddress from) {
    if (accounts.contains(account)) {
      SignedIn now = new SignedIn(clock.instant(), from.getHostAddress());
      latest.put(account, now);
      unwritten.put(account, now);
    }
  }

  /** Forgets accounts that no longer exist. */
  synchronized void keep(Set<String> now) {
    accounts.stream()
        .filter(account -> !now.contains(account) && removed.size() < MAX_REMOVED)
        .forEach(removed::add);
    latest.keySet().retainAll(now);
    unwritten.keySet().retainAll(now);
    accounts = now;
  }

  /** Writes what has changed since the last success. Blocks. */
  public <X extends Exception> void writeTo(Writer<X> writer) throws X {
    Set<String> gone;
    Map<String, SignedIn> signedIn;
    synchronized (this) {
      gone = Set.copyOf(removed);
      signedIn = Map.copyOf(unwritten);
    }
    if (!gone.isEmpty() || !signedIn.isEmpty()) {
      writer.write(gone, signedIn);
      synchronized (this) {
        removed.removeAll(gone);
        signedIn.forEach(unwritten::remove);
      }
    }
  }

  /**
   * The latest sign-ins by account.
   *
   * @param stored those of the database, also of other instances
   */
  public synchronized Map<String, SignedIn> with(Map<String, SignedIn> stored) {
    Map<String, SignedIn> all = new HashMap<>(stored);
    all.keySet().removeAll(removed);
    latest.forEach(
        (account, own) ->
            all.merge(account, own, (one, two) -> one.at().isAfter(two.at()) ? one : two));
    return all;
  }
}
