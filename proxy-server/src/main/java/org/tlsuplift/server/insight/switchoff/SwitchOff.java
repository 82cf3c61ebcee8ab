package org.tlsuplift.server.insight.switchoff;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
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
 * Answers whether listeners could be {@code profile: modern} from now on.
 *
 * <p><b>Yes</b>: watched for {@code inventory.notSeenAfter}, and no device showed in that time that
 * it needs more. <b>No</b>: one did within {@code inventory.readyAfter}. <b>Not yet</b>: neither,
 * with the day from which it would be yes. One that is modern already has <b>yes</b>, whoever is
 * refused there. Asks the database on the calling thread; thread-safe.
 */
public final class SwitchOff {
  private final Inventory inventory;
  private final SwitchOffSettings settings;
  private final Subnets subnets;
  private final Sentences sentences;
  private final Clock clock;

  /**
   * Answers from an inventory.
   *
   * @param clock says what is now
   */
  public SwitchOff(Inventory inventory, SwitchOffSettings settings, Clock clock) {
    this.inventory = inventory;
    this.settings = settings;
    this.subnets = new Subnets(settings.allow());
    this.sentences = new Sentences(settings.rules());
    this.clock = clock;
  }

  /**
   * Answers a question.
   *
   * @throws SQLException when the inventory cannot be read
   * @throws IllegalArgumentException when no listener has the name that was asked for
   */
  public Answers ask(Question question) throws SQLException {
    Instant now = clock.instant();
    List<ListenerProfile> asked = listeners(question);
    Groups groups = new Groups(names(asked), subnets);
    Duration notSeenAfter = settings.rules().notSeenAfter();
    NeedFilter filter =
        new NeedFilter(now.minus(notSeenAfter), question.listener(), question.subnet());
    inventory.uses(filter, groups::use);
    NeedFilter any = new NeedFilter(now.minus(longest()), question.listener(), question.subnet());
    inventory.needs(any, groups::need);
    groups.end();
    Map<String, ListenerWatch> watches =
        inventory.watches(now.minus(longest())).stream()
            .collect(Collectors.toMap(ListenerWatch::listener, Function.identity()));

    List<Draft> listeners =
        asked.stream()
            .map(
                each ->
                    draft(
                        new Scope.OfListener(each),
                        groups.listener(each.name()),
                        Watched.of(List.of(each.name()), watches, now),
                        now))
            .toList();
    Watched together = Watched.of(asked.stream().map(ListenerProfile::name).toList(), watches, now);
    List<Draft> all =
        groups.subnets().entrySet().stream()
            .map(each -> draft(new Scope.OfSubnet(each.getKey()), each.getValue(), together, now))
            .sorted(Comparator.comparing(Draft::answer).thenComparing(SwitchOff::network))
            .toList();
    List<Draft> some = all.subList(0, Math.min(all.size(), Answers.MAX_SUBNETS));
    Map<String, DeviceRecord> devices = devices(listeners, some);
    return new Answers(
        now,
        question,
        settings,
        listeners.stream().map(each -> each.with(devices)).toList(),
        some.stream().map(each -> each.with(devices)).toList(),
        all.size() - some.size());
  }

  /**
   * All devices that stand against it, of listeners of the configuration.
   *
   * @param sink takes them one by one, in the order of the texts of their addresses
   * @throws SQLException when the inventory cannot be read
   * @throws IllegalArgumentException when no listener has the name that was asked for
   */
  public void stragglers(Question question, Consumer<Straggler> sink) throws SQLException {
    Stragglers stragglers = new Stragglers(inventory, names(listeners(question)), sink);
    inventory.needs(
        new NeedFilter(clock.instant().minus(longest()), question.listener(), question.subnet()),
        stragglers::need);
    stragglers.end();
  }

  public Cidr subnet(DeviceRecord device) {
    return subnets.of(device.address());
  }

  private List<ListenerProfile> listeners(Question question) {
    if (question.listener().isEmpty()) {
      return settings.listeners();
    }
    String name = question.listener().get();
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

  /** A need counts for so long. */
  private Duration longest() {
    Duration ready = settings.rules().readyAfter();
    Duration gone = settings.rules().notSeenAfter();
    return ready.compareTo(gone) > 0 ? ready : gone;
  }

  private Draft draft(Scope scope, Group group, Watched watched, Instant now) {
    Instant gone = now.minus(settings.rules().notSeenAfter());
    Optional<Instant> since = watched.since();
    Instant latest = group.latestNeed();
    CanSwitch answer;
    if (scope.isModern()) {
      answer = CanSwitch.YES;
    } else if (group.standing() > 0 && !latest.isBefore(now.minus(settings.rules().readyAfter()))) {
      answer = CanSwitch.NO;
    } else if (group.standing() == 0 && since.isPresent() && !since.get().isAfter(gone)) {
      answer = CanSwitch.YES;
    } else {
      answer = CanSwitch.NOT_YET;
    }
    Optional<Instant> from =
        answer == CanSwitch.YES
            ? Optional.empty()
            : since.map(
                at -> {
                  Instant watchedLong = at.plus(settings.rules().notSeenAfter());
                  return group.standing() == 0 || latest.plus(longest()).isBefore(watchedLong)
                      ? watchedLong
                      : latest.plus(longest());
                });
    return new Draft(
        scope, answer, sentences.because(scope, answer, group, since, from), from, group, watched);
  }

  /** An answer whose devices have yet to be looked up. */
  private record Draft(
      Scope scope,
      CanSwitch answer,
      String because,
      Optional<Instant> from,
      Group group,
      Watched watched) {
    Answer with(Map<String, DeviceRecord> devices) {
      List<Straggler> stragglers =
          group.latest().stream()
              // One may have been forgotten a moment ago.
              .flatMap(each -> straggler(devices.get(each.address()), each).stream())
              .toList();
      return new Answer(
          scope,
          answer,
          because,
          from,
          watched.since(),
          group.devices(),
          group.standing(),
          group.standing() == 0 ? Optional.empty() : Optional.of(group.latestNeed()),
          stragglers,
          watched.incomplete());
    }

    private static Optional<Straggler> straggler(
        @Nullable DeviceRecord device, Group.Standing standing) {
      return Optional.ofNullable(device)
          .map(known -> new Straggler(known, standing.needs(), Help.of(known, standing.needs())));
    }
  }

  private static String network(Draft draft) {
    if (draft.scope() instanceof Scope.OfSubnet subnet) {
      return order(subnet.block());
    }
    return "";
  }

  /** A text in whose order IPv4 comes before IPv6, and each by its bytes. */
  private static String order(Cidr block) {
    byte[] bytes = block.network().getAddress();
    return (bytes.length == 4 ? "4:" : "6:")
        + HexFormat.of().formatHex(bytes)
        + block.prefixLength();
  }

  private Map<String, DeviceRecord> devices(List<Draft> listeners, List<Draft> subnets)
      throws SQLException {
    Set<String> addresses =
        Stream.concat(listeners.stream(), subnets.stream())
            .flatMap(draft -> draft.group().latest().stream())
            .map(Group.Standing::address)
            .collect(Collectors.toSet());
    return inventory.devices(new ArrayList<>(addresses)).stream()
        .collect(Collectors.toMap(DeviceRecord::address, Function.identity()));
  }
}
