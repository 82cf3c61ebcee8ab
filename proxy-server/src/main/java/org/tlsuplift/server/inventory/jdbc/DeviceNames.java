package org.tlsuplift.server.inventory.jdbc;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.inventory.DeviceNaming;

/**
 * The names of devices, from the configuration or from reverse DNS. Lookups have their own threads.
 * Thread-safe.
 *
 * <p>A known name is looked up again after a day, and an unknown one after an hour. If too many
 * lookups wait, a device is looked up the next time it is seen.
 */
final class DeviceNames implements AutoCloseable {
  private static final Duration KEEP = Duration.ofHours(24);
  private static final Duration KEEP_UNKNOWN = Duration.ofHours(1);
  private static final int MAX_KNOWN = 20_000;
  static final int MAX_WAITING = 1_000;
  private static final int THREADS = 2;
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})");

  private volatile DeviceNaming naming;
  private final Function<InetAddress, String> resolver;
  private final Map<String, String> answers = new ConcurrentHashMap<>();

  /** The devices whose lookup runs now, at most one for each thread. */
  private final Set<InetAddress> asked = ConcurrentHashMap.newKeySet();

  private final Cache<InetAddress, String> known =
      Caffeine.newBuilder()
          .maximumSize(MAX_KNOWN)
          .expireAfter(
              Expiry.<InetAddress, String>writing(
                  (address, name) -> name.isEmpty() ? KEEP_UNKNOWN : KEEP))
          .build();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          10,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(MAX_WAITING),
          new DefaultThreadFactory("uplift-names", true),
          // The device is looked up the next time it is seen.
          new ThreadPoolExecutor.DiscardPolicy());

  DeviceNames(DeviceNaming naming) {
    this(naming, DeviceNames::canonical);
  }

  /**
   * Creates one with another resolver.
   *
   * @param resolver returns the name of an address, or an empty text; may block
   */
  DeviceNames(DeviceNaming naming, Function<InetAddress, String> resolver) {
    this.naming = naming;
    this.resolver = resolver;
    threads.allowCoreThreadTimeOut(true);
  }

  /** Starts a lookup if the name is unknown. {@link #answers} returns the result later. */
  void seen(InetAddress device) {
    if (known.getIfPresent(device) != null) {
      return;
    }
    DeviceNaming now = naming;
    String given = now.names().get(device);
    if (given != null || !now.reverseDns()) {
      learn(device, given == null ? "" : given);
    } else {
      threads.execute(() -> ask(device));
    }
  }

  private void ask(InetAddress device) {
    // The device may be in the queue several times.
    if (!asked.add(device)) {
      return;
    }
    try {
      if (known.getIfPresent(device) == null) {
        String answer = resolver.apply(device);
        learn(device, HOST.matcher(answer).matches() ? answer : "");
      }
    } finally {
      asked.remove(device);
    }
  }

  private void learn(InetAddress device, String name) {
    known.put(device, name);
    if (answers.size() < MAX_KNOWN) {
      answers.put(DeviceAddress.of(device).text(), name);
    }
  }

  /** The number of lookups that wait for a thread. */
  int waiting() {
    return threads.getQueue().size();
  }

  /** The names found since the last call, by address. An empty text means that there is no name. */
  Map<String, String> answers() {
    Map<String, String> taken = new HashMap<>();
    for (String address : Set.copyOf(answers.keySet())) {
      String name = answers.remove(address);
      if (name != null) {
        taken.put(address, name);
      }
    }
    return taken;
  }

  /**
   * Forgets all names, because the database lost them. Each device is looked up again the next time
   * it is seen.
   */
  void forget() {
    known.invalidateAll();
  }

  /** Sets other names. Each device is named again the next time it is seen. */
  void replace(DeviceNaming otherNaming) {
    naming = otherNaming;
    forget();
  }

  /** The configured names, by address. */
  Map<String, String> given() {
    Map<String, String> given = new HashMap<>();
    naming.names().forEach((address, name) -> given.put(DeviceAddress.of(address).text(), name));
    return given;
  }

  /** The JDK checks that the name resolves to the address, so a device cannot fake a name. */
  private static String canonical(InetAddress address) {
    try {
      InetAddress bare = InetAddress.getByAddress(address.getAddress());
      String name = bare.getCanonicalHostName();
      return name.equals(bare.getHostAddress()) ? "" : name;
    } catch (UnknownHostException impossible) {
      return "";
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
