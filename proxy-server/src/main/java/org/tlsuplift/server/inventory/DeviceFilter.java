package org.tlsuplift.server.inventory;

import java.util.Collection;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.Cidr;

/**
 * Selects devices.
 *
 * @param search text in the address, name, server name, introduction, JA4 or destination, ignoring
 *     case; empty for all
 * @param verdicts only devices with one of these; empty for all
 * @param subnet only devices in this subnet
 * @param listener only devices that ever used this listener
 * @param failure only devices that ever failed in this way; a label of log and metrics
 * @param newest only devices whose newest version this was when they offered none from TLS 1.2 up
 * @param refusesCa only devices that were seen recently and do not trust our CA
 * @param need only devices that recently showed this need, at the listener if there is one
 */
public record DeviceFilter(
    String search,
    Set<Verdict> verdicts,
    Optional<Cidr> subnet,
    Optional<String> listener,
    Optional<String> failure,
    Optional<TlsVersion> newest,
    boolean refusesCa,
    Optional<Need> need) {
  public static final DeviceFilter ALL =
      new DeviceFilter("", Set.of(), Optional.empty(), Optional.empty());

  /** With the most common conditions only. */
  public DeviceFilter(
      String search, Set<Verdict> verdicts, Optional<Cidr> subnet, Optional<String> listener) {
    this(
        search,
        verdicts,
        subnet,
        listener,
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.empty());
  }

  public DeviceFilter {
    verdicts = Set.copyOf(verdicts);
  }

  /** With these verdicts. */
  public DeviceFilter with(Collection<Verdict> some) {
    Set<Verdict> wanted = some.isEmpty() ? Set.of() : EnumSet.copyOf(some);
    return new DeviceFilter(search, wanted, subnet, listener, failure, newest, refusesCa, need);
  }

  public DeviceFilter searching(String text) {
    return new DeviceFilter(text, verdicts, subnet, listener, failure, newest, refusesCa, need);
  }

  public DeviceFilter in(Cidr block) {
    return new DeviceFilter(
        search, verdicts, Optional.of(block), listener, failure, newest, refusesCa, need);
  }

  /** For a listener. */
  public DeviceFilter at(String name) {
    return new DeviceFilter(
        search, verdicts, subnet, Optional.of(name), failure, newest, refusesCa, need);
  }

  /** For devices that failed in this way. */
  public DeviceFilter failedBy(String label) {
    return new DeviceFilter(
        search, verdicts, subnet, listener, Optional.of(label), newest, refusesCa, need);
  }

  /** The same for devices that offered nothing newer. */
  public DeviceFilter offering(TlsVersion version) {
    return new DeviceFilter(
        search, verdicts, subnet, listener, failure, Optional.of(version), refusesCa, need);
  }

  /** The same for devices that do not trust our CA. */
  public DeviceFilter refusingCa() {
    return new DeviceFilter(search, verdicts, subnet, listener, failure, newest, true, need);
  }

  /** The same for devices with this need. */
  public DeviceFilter needing(Need some) {
    return new DeviceFilter(
        search, verdicts, subnet, listener, failure, newest, refusesCa, Optional.of(some));
  }
}
