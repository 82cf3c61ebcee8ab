package org.tlsuplift.server.signin.password;

import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Waiting jobs. Subnets take turns, and devices within a subnet, so that none delays the others
 * with all its jobs. Not thread-safe.
 */
final class FairQueue<J> {
  private final Map<InetAddress, Map<InetAddress, Deque<J>>> subnets = new LinkedHashMap<>();
  private int size;

  int size() {
    return size;
  }

  void add(InetAddress subnet, InetAddress device, J job) {
    subnets
        .computeIfAbsent(subnet, key -> new LinkedHashMap<>())
        .computeIfAbsent(device, key -> new ArrayDeque<>())
        .add(job);
    size++;
  }

  /** Removes a job; false if it was not there. */
  boolean remove(InetAddress subnet, InetAddress device, J job) {
    Map<InetAddress, Deque<J>> devices = subnets.get(subnet);
    Deque<J> jobs = devices == null ? null : devices.get(device);
    if (devices == null || jobs == null || !jobs.remove(job)) {
      return false;
    }
    removed(subnet, devices, device, jobs);
    return true;
  }

  /** Removes the next job among devices that pass the test; null for none. */
  @Nullable J next(Predicate<InetAddress> test) {
    for (Map.Entry<InetAddress, Map<InetAddress, Deque<J>>> each : subnets.entrySet()) {
      InetAddress subnet = each.getKey();
      Map<InetAddress, Deque<J>> devices = each.getValue();
      for (Map.Entry<InetAddress, Deque<J>> one : devices.entrySet()) {
        InetAddress device = one.getKey();
        if (test.test(device)) {
          Deque<J> jobs = one.getValue();
          J job = jobs.remove();
          // Both move to the end of their queues.
          devices.remove(device);
          devices.put(device, jobs);
          subnets.remove(subnet);
          subnets.put(subnet, devices);
          removed(subnet, devices, device, jobs);
          return job;
        }
      }
    }
    return null;
  }

  /**
   * The latest job of the device with most jobs in the subnet with most jobs, without removing it.
   */
  @Nullable J latestOfMost() {
    return subnets.values().stream()
        .max(Comparator.comparingInt(FairQueue::jobs))
        .flatMap(devices -> devices.values().stream().max(Comparator.comparingInt(Deque::size)))
        .map(Deque::peekLast)
        .orElse(null);
  }

  private static int jobs(Map<?, ? extends Collection<?>> devices) {
    return devices.values().stream().mapToInt(Collection::size).sum();
  }

  private void removed(
      InetAddress subnet, Map<InetAddress, Deque<J>> devices, InetAddress device, Deque<J> jobs) {
    size--;
    if (jobs.isEmpty()) {
      devices.remove(device);
    }
    if (devices.isEmpty()) {
      subnets.remove(subnet);
    }
  }
}
