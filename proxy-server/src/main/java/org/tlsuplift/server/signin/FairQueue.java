package org.tlsuplift.server.signin;

import java.net.InetAddress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Crowd;

/**
 * Waiting jobs. Subnets take turns, and devices within a subnet, so that none delays the others
 * with all its jobs. Each operation looks at all jobs, so there must be few. Not thread-safe.
 */
final class FairQueue<J> {
  private final Function<J, InetAddress> subnet;
  private final Function<J, InetAddress> device;
  private final Set<J> jobs = new LinkedHashSet<>();

  /** The turns of subnets and of devices that wait. The lowest is next. */
  private final Map<InetAddress, Long> subnets = new HashMap<>();

  private final Map<InetAddress, Long> devices = new HashMap<>();
  private long turn;

  FairQueue(Function<J, InetAddress> subnet, Function<J, InetAddress> device) {
    this.subnet = subnet;
    this.device = device;
  }

  int size() {
    return jobs.size();
  }

  void add(J job) {
    turn++;
    jobs.add(job);
    subnets.putIfAbsent(subnet.apply(job), turn);
    devices.putIfAbsent(device.apply(job), turn);
  }

  /** Removes a job; false if it was not there. */
  boolean remove(J job) {
    if (!jobs.remove(job)) {
      return false;
    }
    subnets.keySet().retainAll(jobs.stream().map(subnet).collect(Collectors.toSet()));
    devices.keySet().retainAll(jobs.stream().map(device).collect(Collectors.toSet()));
    return true;
  }

  /** Removes the next job among devices that pass the test; null for none. */
  @Nullable J next(Predicate<InetAddress> test) {
    Comparator<J> order =
        Comparator.comparing((J job) -> subnets.getOrDefault(subnet.apply(job), 0L))
            .thenComparing(job -> devices.getOrDefault(device.apply(job), 0L));
    Optional<J> next = jobs.stream().filter(job -> test.test(device.apply(job))).min(order);
    next.ifPresent(
        job -> {
          turn++;
          subnets.put(subnet.apply(job), turn);
          devices.put(device.apply(job), turn);
          var unused = remove(job);
        });
    return next.orElse(null);
  }

  /**
   * The latest job of the device with most jobs in the subnet with most jobs, without removing it.
   */
  @Nullable J latestOfMost() {
    return Crowd.latestOfMost(jobs, subnet)
        .map(subnet)
        .flatMap(
            most ->
                Crowd.latestOfMost(
                    jobs.stream().filter(job -> subnet.apply(job).equals(most)).toList(), device))
        .orElse(null);
  }
}
