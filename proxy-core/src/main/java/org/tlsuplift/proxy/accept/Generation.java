package org.tlsuplift.proxy.accept;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.negotiate.TargetPolicy;

/**
 * The services and listener settings of one configuration. A connection takes the current
 * generation once, when it is accepted, and holds it until its end was reported. Thread-safe.
 */
public final class Generation {
  private final SessionServices services;
  private final TargetPolicy targets;
  private final Map<ListenAddress, ListenerSpec> listeners = new HashMap<>();
  private final CompletableFuture<Void> end = new CompletableFuture<>();

  /**
   * The connections that hold this generation, and one more while new connections get this
   * generation.
   */
  private final AtomicInteger holders = new AtomicInteger(1);

  /**
   * Creates a generation that holds no connection yet.
   *
   * @param targets refuses targets before a response is sent
   */
  public Generation(SessionServices services, TargetPolicy targets, List<ListenerSpec> listeners) {
    this.services = services;
    this.targets = targets;
    for (ListenerSpec spec : listeners) {
      for (InetSocketAddress address : spec.bind()) {
        this.listeners.put(ListenAddress.of(spec, address), spec);
      }
    }
  }

  SessionServices services() {
    return services;
  }

  TargetPolicy targets() {
    return targets;
  }

  /** The listener of a port, or null if the configuration has none there. */
  @Nullable ListenerSpec listener(ListenAddress address) {
    return listeners.get(address);
  }

  /**
   * Why this configuration admits no device with this address at a listener; empty if it does. If
   * the configuration has no such listener, {@code devices.allow} decides.
   */
  Optional<Explanation> refusal(String listener, InetAddress device) {
    if (!services.admission().admits(device)) {
      return Optional.of(
          Explanation.of(
              "its address is in no subnet of devices.allow", "add its subnet to devices.allow"));
    }
    return named(listener).anyMatch(spec -> !spec.serves(device))
        ? Optional.of(
            Explanation.of(
                "its address is in no subnet of this listener's 'devices'",
                "add its subnet to 'devices' of the listener"))
        : Optional.empty();
  }

  /** The way in which a listener gets the target; empty if there is no such listener. */
  Optional<AcceptMode> accept(String listener) {
    return named(listener).findFirst().map(ListenerSpec::accept);
  }

  private Stream<ListenerSpec> named(String listener) {
    return listeners.values().stream().filter(spec -> spec.name().equals(listener));
  }

  /** Adds a connection; returns false if this generation has ended. */
  boolean enter() {
    int before = holders.getAndUpdate(count -> count == 0 ? 0 : count + 1);
    return before != 0;
  }

  /** Removes a connection, or marks that no new connections get this generation. */
  void leave() {
    if (holders.decrementAndGet() == 0) {
      end.complete(null);
    }
  }

  /** The connections that hold this generation, while new connections get it too. */
  int connections() {
    return Math.max(0, holders.get() - 1);
  }

  /**
   * Completed when no connection holds this generation and no later one gets it, usually on the
   * event loop of its last connection.
   */
  public CompletionStage<Void> end() {
    return end.minimalCompletionStage();
  }
}
