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
 * @param verdicts only devices with one of these verdicts; empty for all devices
 * @param subnet only devices in this subnet
 * @param newest only devices whose last ClientHello without TLS 1.2 or later had this as its newest
 *     version
 * @param need only devices that recently had this need, at {@link #listener} if that is set
 * @param stillFailing only devices whose {@link #failure} and reply of the last 24 hours have not
 *     ended; without both, devices with any such problem
 * @param refusesCa only devices that were seen recently and do not trust our CA
 * @param texts by these words: {@code search}, a {@code listener}, a {@code failure}, parts of
 *     {@code owner} and {@code place}, a {@code tag}, and the label of a {@code reply} of its mail
 *     origin that the device had
 */
public record DeviceFilter(
    Set<Verdict> verdicts,
    Optional<Cidr> subnet,
    Optional<TlsVersion> newest,
    Optional<Need> need,
    boolean stillFailing,
    boolean refusesCa,
    Map<String, String> texts) {
  public static final DeviceFilter ALL =
      new DeviceFilter(
          Set.of(), Optional.empty(), Optional.empty(), Optional.empty(), false, false, Map.of());

  public DeviceFilter {
    verdicts = Set.copyOf(verdicts);
    texts = Map.copyOf(texts);
  }

  /** A text by its word; empty for all devices. */
  public Optional<String> text(String word) {
    return Optional.ofNullable(texts.get(word));
  }

  /**
   * A text in the address, name, server name, introduction, JA4 or destination, ignoring case;
   * empty for all devices.
   */
  public String search() {
    return text("search").orElse("");
  }

  /** Only devices that ever used this listener. */
  public Optional<String> listener() {
    return text("listener");
  }

  /**
   * Only devices that ever had this failure, or this refusal by their mail origin: a label from log
   * and metrics.
   */
  public Optional<String> failure() {
    return text("failure");
  }

  /**
   * Adds a condition that a person has written.
   *
   * @param field a field of the device list's form
   * @throws IllegalArgumentException if the field cannot have this value
   */
  public DeviceFilter narrowed(String field, String value) {
    return switch (field) {
      case "verdict" -> with(Verdict.parseAll(value));
      case "subnet" -> in(Cidr.parse(value));
      case "search", "listener", "owner", "place", "tag", "reply" -> having(field, value);
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
    return new DeviceFilter(wanted, subnet, newest, need, stillFailing, refusesCa, texts);
  }

  public DeviceFilter searching(String text) {
    return having("search", text);
  }

  public DeviceFilter in(Cidr block) {
    return new DeviceFilter(
        verdicts, Optional.of(block), newest, need, stillFailing, refusesCa, texts);
  }

  public DeviceFilter at(String name) {
    return having("listener", name);
  }

  public DeviceFilter failedBy(String label) {
    return new DeviceFilter(verdicts, subnet, newest, need, false, refusesCa, texts)
        .having("failure", label);
  }

  private DeviceFilter onlyOpen() {
    return new DeviceFilter(verdicts, subnet, newest, need, true, refusesCa, texts);
  }

  public DeviceFilter offering(TlsVersion version) {
    return new DeviceFilter(
        verdicts, subnet, Optional.of(version), need, stillFailing, refusesCa, texts);
  }

  public DeviceFilter refusingCa() {
    return new DeviceFilter(verdicts, subnet, newest, need, stillFailing, true, texts);
  }

  public DeviceFilter needing(Need some) {
    return new DeviceFilter(
        verdicts, subnet, newest, Optional.of(some), stillFailing, refusesCa, texts);
  }

  private DeviceFilter having(String word, String text) {
    Map<String, String> more = new TreeMap<>(texts);
    more.put(word, text);
    return new DeviceFilter(verdicts, subnet, newest, need, stillFailing, refusesCa, more);
  }
}
