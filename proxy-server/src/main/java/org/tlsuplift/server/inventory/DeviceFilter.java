package org.tlsuplift.server.inventory;

import java.util.Collection;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.Cidr;

/**
 * Selects devices.
 *
 * @param search text in the address, name, server name, introduction, JA4 or destination, ignoring
 *     case; empty for all devices
 * @param verdicts only devices with one of these verdicts; empty for all devices
 * @param subnet only devices in this subnet
 * @param listener only devices that ever used this listener
 * @param failure only devices that ever had this failure, or this refusal by their mail origin: a
 *     label from log and metrics
 * @param stillFailing only devices whose {@code failure} and reply of the last 24 hours have not
 *     ended; without both, devices with any such problem
 * @param newest only devices whose last ClientHello without TLS 1.2 or later had this as its newest
 *     version
 * @param refusesCa only devices that were seen recently and do not trust our CA
 * @param need only devices that recently had this need, at {@code listener} if that is set
 * @param texts parts of {@code owner} and {@code place}, a {@code tag}, and the label of a {@code
 *     reply} of its mail origin that the device had; by these words
 */
public record DeviceFilter(
    String search,
    Set<Verdict> verdicts,
    Optional<Cidr> subnet,
    Optional<String> listener,
    Optional<String> failure,
    boolean stillFailing,
    Optional<TlsVersion> newest,
    boolean refusesCa,
    Optional<Need> need,
    Map<String, String> texts) {
  public static final DeviceFilter ALL =
      new DeviceFilter("", Set.of(), Optional.empty(), Optional.empty());

  /** A filter with the most common conditions. */
  public DeviceFilter(
      String search, Set<Verdict> verdicts, Optional<Cidr> subnet, Optional<String> listener) {
    this(
        search,
        verdicts,
        subnet,
        listener,
        Optional.empty(),
        false,
        Optional.empty(),
        false,
        Optional.empty(),
        Map.of());
  }

  public DeviceFilter {
    verdicts = Set.copyOf(verdicts);
    texts = Map.copyOf(texts);
  }

  /**
   * Adds a condition that a person has written.
   *
   * @param field a field of the device list's form
   * @throws IllegalArgumentException if the field cannot have this value
   */
  public DeviceFilter narrowed(String field, String value) {
    return switch (field) {
      case "search" -> searching(value);
      case "verdict" -> with(Verdict.parseAll(value));
      case "subnet" -> in(Cidr.parse(value));
      case "listener" -> at(value);
      case "owner", "place", "tag", "reply" -> having(field, value);
      case "failure", "problem" -> failedBy(value);
      case "ended" -> only("no", value, onlyOpen());
      case "version" ->
          offering(
              TlsVersion.ofLabel(value)
                  .orElseThrow(() -> FilterWords.wrong(value, "a TLS version")));
      case "trust" -> only("no", value, refusingCa());
      case "need" -> needing(FilterWords.parse(Need.values(), value));
      default -> throw new IllegalArgumentException(field);
    };
  }

  private static DeviceFilter only(String allowed, String value, DeviceFilter filter) {
    if (!value.equals(allowed)) {
      throw FilterWords.wrong(value, allowed);
    }
    return filter;
  }

  public DeviceFilter with(Collection<Verdict> some) {
    Set<Verdict> wanted = some.isEmpty() ? Set.of() : EnumSet.copyOf(some);
    return new DeviceFilter(
        search, wanted, subnet, listener, failure, stillFailing, newest, refusesCa, need, texts);
  }

  public DeviceFilter searching(String text) {
    return new DeviceFilter(
        text, verdicts, subnet, listener, failure, stillFailing, newest, refusesCa, need, texts);
  }

  public DeviceFilter in(Cidr block) {
    return new DeviceFilter(
        search,
        verdicts,
        Optional.of(block),
        listener,
        failure,
        stillFailing,
        newest,
        refusesCa,
        need,
        texts);
  }

  public DeviceFilter at(String name) {
    return new DeviceFilter(
        search,
        verdicts,
        subnet,
        Optional.of(name),
        failure,
        stillFailing,
        newest,
        refusesCa,
        need,
        texts);
  }

  public DeviceFilter failedBy(String label) {
    return new DeviceFilter(
        search,
        verdicts,
        subnet,
        listener,
        Optional.of(label),
        false,
        newest,
        refusesCa,
        need,
        texts);
  }

  public DeviceFilter stillFailingBy(String label) {
    return failedBy(label).onlyOpen();
  }

  private DeviceFilter onlyOpen() {
    return new DeviceFilter(
        search, verdicts, subnet, listener, failure, true, newest, refusesCa, need, texts);
  }

  public DeviceFilter offering(TlsVersion version) {
    return new DeviceFilter(
        search,
        verdicts,
        subnet,
        listener,
        failure,
        stillFailing,
        Optional.of(version),
        refusesCa,
        need,
        texts);
  }

  public DeviceFilter refusingCa() {
    return new DeviceFilter(
        search, verdicts, subnet, listener, failure, stillFailing, newest, true, need, texts);
  }

  public DeviceFilter needing(Need some) {
    return new DeviceFilter(
        search,
        verdicts,
        subnet,
        listener,
        failure,
        stillFailing,
        newest,
        refusesCa,
        Optional.of(some),
        texts);
  }

  private DeviceFilter having(String field, String text) {
    Map<String, String> more = new TreeMap<>(texts);
    more.put(field, text);
    return new DeviceFilter(
        search, verdicts, subnet, listener, failure, stillFailing, newest, refusesCa, need, more);
  }
}
