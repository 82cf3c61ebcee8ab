package org.tlsuplift.server.readiness;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.inventory.ListenerNeed;
import org.tlsuplift.server.inventory.ListenerUse;

/** Counts the rows of the inventory, device by device, for each listener and subnet. */
final class ScopeCounters {
  private final Map<String, ScopeCounter> listeners;
  private final Map<Cidr, ScopeCounter> subnets = new HashMap<>();
  private final Subnets blocks;
  private final List<ListenerNeed> needs = new ArrayList<>();
  private String seen = "";

  ScopeCounters(Set<String> listeners, Subnets blocks) {
    this.listeners =
        listeners.stream().collect(Collectors.toMap(name -> name, name -> new ScopeCounter()));
    this.blocks = blocks;
  }

  /** The rows of one device must be consecutive. */
  void use(ListenerUse use) {
    ScopeCounter listener = listeners.get(use.listener());
    if (listener == null) {
      return;
    }
    listener.seen();
    if (!use.address().equals(seen)) {
      seen = use.address();
      subnet(use.address()).seen();
    }
  }

  /** The rows of one device must be consecutive; call {@link #end} after the last. */
  void need(ListenerNeed need) {
    if (!listeners.containsKey(need.listener())) {
      return;
    }
    if (!needs.isEmpty() && !needs.get(0).address().equals(need.address())) {
      end();
    }
    needs.add(need);
  }

  /** Counts the last device. */
  void end() {
    if (needs.isEmpty()) {
      return;
    }
    String address = needs.get(0).address();
    subnet(address).add(address, needs);
    needs.stream()
        .collect(Collectors.groupingBy(ListenerNeed::listener))
        .forEach((listener, there) -> listener(listener).add(address, there));
    needs.clear();
  }

  private ScopeCounter subnet(String address) {
    return subnets.computeIfAbsent(blocks.of(address), block -> new ScopeCounter());
  }

  ScopeCounter listener(String name) {
    ScopeCounter scopeCounter = listeners.get(name);
    if (scopeCounter == null) {
      throw new IllegalArgumentException("no listener " + name);
    }
    return scopeCounter;
  }

  /** The subnets in which a device was seen. */
  Map<Cidr, ScopeCounter> subnets() {
    return subnets;
  }
}
