package org.tlsuplift.proxy.signin.limits;

import java.net.InetAddress;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.tlsuplift.proxy.signin.limits.MailboxObserver.Line;

/** One mailbox's sessions, messages and queues. Guarded by the limiter's lock. */
final class Mailbox {
  final String name;
  final MessageWindow messages;
  int sessions;

  /** A task is scheduled for when the next message is due. */
  boolean wakes;

  /** A task is scheduled that forgets this mailbox if nobody uses it. */
  boolean fades;

  private final Map<InetAddress, Integer> sessionsOf = new HashMap<>();
  private final Map<Line, Set<Waiter>> lines = new EnumMap<>(Line.class);

  Mailbox(String name, int messagesPerMinute) {
    this.name = name;
    this.messages = new MessageWindow(messagesPerMinute);
    for (Line line : Line.values()) {
      lines.put(line, new LinkedHashSet<>());
    }
  }

  void sessionBegins(InetAddress device) {
    sessions++;
    sessionsOf.merge(device, 1, Integer::sum);
  }

  void sessionEnds(InetAddress device) {
    sessions--;
    sessionsOf.computeIfPresent(device, (key, count) -> count == 1 ? null : count - 1);
  }

  /**
   * The waiter that gets the next permit: the first of the device with the fewest sessions. Looks
   * at all of them, at most {@link MailboxLimits#maximumWaiting}.
   */
  Waiter next(Line line) {
    return line(line).stream()
        .min(Comparator.comparingInt(place -> sessionsOf.getOrDefault(place.device, 0)))
        .orElseThrow();
  }

  /** The waiter that leaves a full queue: the latest of the device with the most waiters. */
  Waiter excess(Line line) {
    Map<InetAddress, Integer> places = new HashMap<>();
    line(line).forEach(place -> places.merge(place.device, 1, Integer::sum));
    int most = places.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
    return line(line).stream()
        .filter(place -> places.getOrDefault(place.device, 0) == most)
        .reduce((earlier, later) -> later)
        .orElseThrow();
  }

  /** In the order of arrival, with fast removal. */
  Set<Waiter> line(Line line) {
    return lines.getOrDefault(line, Set.of());
  }

  boolean isUnused() {
    return sessions == 0 && lines.values().stream().allMatch(Set::isEmpty);
  }
}
