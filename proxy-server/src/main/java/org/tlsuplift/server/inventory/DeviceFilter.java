package org.tlsuplift.server.inventory;

import java.util.Collection;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.tlsuplift.proxy.route.Cidr;

/**
 * Selects devices.
 *
 * @param search a part of address, name, server name, introduction, JA4 or destination, in any
 *     case; empty for all
 * @param verdicts only devices with one of these; empty for all
 * @param subnet only devices in this subnet
 * @param listener only devices that ever used this listener
 * @param failure only devices that ever failed in this way; a label of log and metrics
 */
public record DeviceFilter(
    String search,
    Set<Verdict> verdicts,
    Optional<Cidr> subnet,
    Optional<String> listener,
    Optional<String> failure) {
  public static final DeviceFilter ALL =
      new DeviceFilter("", Set.of(), Optional.empty(), Optional.empty());

  /** Without a condition on failures. */
  public DeviceFilter(
      String search, Set<Verdict> verdicts, Optional<Cidr> subnet, Optional<String> listener) {
    this(search, verdicts, subnet, listener, Optional.empty());
  }

  public DeviceFilter {
    verdicts = Set.copyOf(verdicts);
  }

  /** The same for one of these verdicts. */
  public DeviceFilter with(Collection<Verdict> some) {
    return new DeviceFilter(
        search, some.isEmpty() ? Set.of() : EnumSet.copyOf(some), subnet, listener, failure);
  }

  /** The same with this search text. */
  public DeviceFilter searching(String text) {
    return new DeviceFilter(text, verdicts, subnet, listener, failure);
  }

  public DeviceFilter in(Cidr block) {
    return new DeviceFilter(search, verdicts, Optional.of(block), listener, failure);
  }

  /** The same for a listener. */
  public DeviceFilter at(String name) {
    return new DeviceFilter(search, verdicts, subnet, Optional.of(name), failure);
  }

  /** The same for devices that failed in that way. */
  public DeviceFilter failedBy(String label) {
    return new DeviceFilter(search, verdicts, subnet, listener, Optional.of(label));
  }
}
