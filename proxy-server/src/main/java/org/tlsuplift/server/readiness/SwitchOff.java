package org.tlsuplift.server.readiness;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.ListenerWatch;
import org.tlsuplift.server.inventory.NeedFilter;

/**
 * Evaluates whether listeners can change to {@code profile: modern}.
 *
 * <p><b>Yes</b>: the daemon observed the listener for {@code inventory.notSeenAfter}, and no device
 * needed more in that time. <b>No</b>: a device needed more within {@code inventory.readyAfter}.
 * <b>Not yet</b>: neither; the result has the day when it can become yes. A listener with {@code
 * profile: modern} always shows <b>yes</b>, even if it refuses devices. Queries the database on the
 * calling thread; thread-safe.
 */
public final class SwitchOff {
  /** For each day, the query reads each device that needs more. */
  private static final Duration PROGRESS = Duration.ofDays(29);

  private final Inventory inventory;
  private final SwitchOffSettings settings;
  private final Subnets subnets;
  private final Reasons reasons;
  private final Clock clock;

  public SwitchOff(Inventory inventory, SwitchOffSettings settings, Clock clock) {
    this.inventory = inventory;
    this.settings = settings;
    this.subnets = new Subnets(settings.allow());
    this.reasons = new Reasons(settings.rules());
    this.clock = clock;
  }

  /**
   * The results for the listeners and subnets that the query selects.
   *
   * @throws SQLException if the inventory cannot be read
   * @throws IllegalArgumentException if no listener has the name of the query
   */
  public SwitchOffResults ask(SwitchOffQuery switchOffQuery) throws SQLException {
    Instant now = clock.instant();
    List<ListenerProfile> asked = listeners(switchOffQuery);
    ScopeCounters scopeCounters = new ScopeCounters(names(asked), subnets);
    Duration notSeenAfter = settings.rules().notSeenAfter();
    NeedFilter filter =
        new NeedFilter(now.minus(notSeenAfter), switchOffQuery.listener(), switchOffQuery.subnet());
    inventory.uses(filter, scopeCounters::use);
    NeedFilter any =
        new NeedFilter(now.minus(longest()), switchOffQuery.listener(), switchOffQuery.subnet());
    inventory.needs(any, scopeCounters::need);
    scopeCounters.end();
    Map<String, ListenerWatch> watches =
        inventory.watches(now.minus(longest())).stream()
            .collect(Collectors.toMap(ListenerWatch::listener, Function.identity()));

    List<Draft> listeners =
        asked.stream()
            .map(
                each ->
                    draft(
                        Scope.of(each),
                        scopeCounters.listener(each.name()),
                        ObservationPeriod.of(List.of(each.name()), watches, now),
                        now))
            .toList();
    ObservationPeriod together =
        ObservationPeriod.of(asked.stream().map(ListenerProfile::name).toList(), watches, now);
    List<Draft> all =
        scopeCounters.subnets().entrySet().stream()
            .map(each -> draft(Scope.of(each.getKey()), each.getValue(), together, now))
            .sorted(
                Comparator.comparing(Draft::answer).thenComparing(draft -> draft.scope().order()))
            .toList();
    List<Draft> some = all.subList(0, Math.min(all.size(), SwitchOffResults.MAX_SUBNETS));
    Map<String, DeviceRecord> devices = devices(listeners, some);
    return new SwitchOffResults(
        now,
        switchOffQuery,
        settings,
        listeners.stream().map(each -> each.with(devices)).toList(),
        some.stream().map(each -> each.with(devices)).toList(),
        all.size() - some.size());
  }

  /**
   * Counts what the devices of a query need, and the devices with a need on each of the last 30
   * days.
   *
   * @throws SQLException if the inventory cannot be read
   */
  public NeedTotals needs(SwitchOffQuery switchOffQuery) throws SQLException {
    Instant now = clock.instant();
    NeedFilter counted =
        new NeedFilter(now.minus(longest()), switchOffQuery.listener(), switchOffQuery.subnet());
    NeedFilter charted =
        new NeedFilter(now.minus(PROGRESS), switchOffQuery.listener(), switchOffQuery.subnet());
    return new NeedTotals(
        inventory.needCounts(counted, false),
        inventory.needCounts(counted, true),
        inventory.needsByDay(charted),
        LocalDate.ofInstant(now, ZoneOffset.UTC));
  }

  /**
   * All devices that still need more, on listeners of the configuration.
   *
   * @param sink receives them one by one, sorted by the text of their addresses
   * @throws SQLException if the inventory cannot be read
   * @throws IllegalArgumentException if no listener has the name of the query
   */
  public void blockingDevices(SwitchOffQuery switchOffQuery, Consumer<BlockingDevice> sink)
      throws SQLException {
    BlockingDevices blockingDevices =
        new BlockingDevices(inventory, names(listeners(switchOffQuery)), sink);
    inventory.needs(
        new NeedFilter(
            clock.instant().minus(longest()), switchOffQuery.listener(), switchOffQuery.subnet()),
        blockingDevices::need);
    blockingDevices.end();
  }

  public Cidr subnet(DeviceRecord device) {
    return subnets.of(device.address());
  }

  private List<ListenerProfile> listeners(SwitchOffQuery switchOffQuery) {
    if (switchOffQuery.listener().isEmpty()) {
      return settings.listeners();
    }
    String name = switchOffQuery.listener().get();
    List<ListenerProfile> named =
        settings.listeners().stream().filter(each -> each.name().equals(name)).toList();
    if (named.isEmpty()) {
      throw new IllegalArgumentException(
          "no listener has the name '"
              + name
              + "'; there are "
              + settings.listeners().stream()
                  .map(ListenerProfile::name)
                  .collect(Collectors.joining(", ")));
    }
    return named;
  }

  private static Set<String> names(List<ListenerProfile> listeners) {
    return listeners.stream().map(ListenerProfile::name).collect(Collectors.toSet());
  }

  /** The time for which a need counts. */
  private Duration longest() {
    Duration ready = settings.rules().readyAfter();
    Duration gone = settings.rules().notSeenAfter();
    return ready.compareTo(gone) > 0 ? ready : gone;
  }

  private Draft draft(Scope scope, ScopeCounter group, ObservationPeriod watched, Instant now) {
    Instant gone = now.minus(settings.rules().notSeenAfter());
    Optional<Instant> since = watched.since();
    Instant latest = group.latestNeed();
    Readiness answer;
    if (scope.isModern()) {
      answer = Readiness.YES;
    } else if (group.standing() > 0 && !latest.isBefore(now.minus(settings.rules().readyAfter()))) {
      answer = Readiness.NO;
    } else if (group.standing() == 0 && since.isPresent() && !since.get().isAfter(gone)) {
      answer = Readiness.YES;
    } else {
      answer = Readiness.NOT_YET;
    }
    Optional<Instant> from =
        answer == Readiness.YES
            ? Optional.empty()
            : since.map(
                at -> {
                  Instant watchedLong = at.plus(settings.rules().notSeenAfter());
                  return group.standing() == 0 || latest.plus(longest()).isBefore(watchedLong)
                      ? watchedLong
                      : latest.plus(longest());
                });
    return new Draft(
        scope, answer, reasons.because(scope, answer, group, since, from), from, group, watched);
  }

  /** A result before its devices are read. */
  private record Draft(
      Scope scope,
      Readiness answer,
      String because,
      Optional<Instant> from,
      ScopeCounter group,
      ObservationPeriod watched) {
    SwitchOffResult with(Map<String, DeviceRecord> devices) {
      List<BlockingDevice> blockingDevices =
          group.latest().stream()
              // The inventory may have deleted the device since.
              .flatMap(each -> blockingDevice(devices.get(each.address()), each).stream())
              .toList();
      return new SwitchOffResult(
          scope,
          answer,
          because,
          from,
          watched.since(),
          group.devices(),
          group.standing(),
          group.standing() == 0 ? Optional.empty() : Optional.of(group.latestNeed()),
          blockingDevices,
          watched.incomplete());
    }

    private static Optional<BlockingDevice> blockingDevice(
        @Nullable DeviceRecord device, ScopeCounter.Standing standing) {
      return Optional.ofNullable(device)
          .map(
              known ->
                  new BlockingDevice(
                      known, standing.needs(), DeviceRemedy.of(known, standing.needs())));
    }
  }

  private Map<String, DeviceRecord> devices(List<Draft> listeners, List<Draft> subnets)
      throws SQLException {
    Set<String> addresses =
        Stream.concat(listeners.stream(), subnets.stream())
            .flatMap(draft -> draft.group().latest().stream())
            .map(ScopeCounter.Standing::address)
            .collect(Collectors.toSet());
    return inventory.devices(new ArrayList<>(addresses)).stream()
        .collect(Collectors.toMap(DeviceRecord::address, Function.identity()));
  }
}
