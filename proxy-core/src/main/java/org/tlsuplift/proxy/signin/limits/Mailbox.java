package org.tlsuplift.proxy.signin.limits;

import java.net.InetAddress;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.tlsuplift.proxy.signin.limits.MailboxObserver.Queue;

/** One mailbox's sessions, messages and queues. Guarded by the limiter's lock. */
final class Mailbox {
  final String name;
  final MessageWindow messages;
  int sessions;

  /** A task is scheduled for when the next message is due. */
  boolean wakes;

  /** A task is scheduled that forgets this mailbox if nobody uses it. */
  boolean forgets;

  private final Map<InetAddress, Integer> sessionsOf = new HashMap<>();
  private final Map<Queue, Set<Waiter>> queues = new EnumMap<>(Queue.class);

  Mailbox(String name, int messagesPerMinute) {
    this.name = name;
    this.messages = new MessageWindow(messagesPerMinute);
    for (Queue queue : Queue.values()) {
      queues.put(queue, new LinkedHashSet<>());
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
  Waiter next(Queue queue) {
    return queue(queue).stream()
        .min(Comparator.comparingInt(waiter -> sessionsOf.getOrDefault(waiter.device, 0)))
        .orElseThrow();
  }

  /** The waiter that leaves a full queue: the latest of the device with the most waiters. */
  Waiter excess(Queue queue) {
    Map<InetAddress, Integer> waiters = new HashMap<>();
    queue(queue).forEach(waiter -> waiters.merge(waiter.device, 1, Integer::sum));
    int most = waiters.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
    return queue(queue).stream()
        .filter(waiter -> waiters.getOrDefault(waiter.device, 0) == most)
        .reduce((earlier, later) -> later)
        .orElseThrow();
  }

  /** In the order of arrival, with fast removal. */
  Set<Waiter> queue(Queue queue) {
    return queues.getOrDefault(queue, Set.of());
  }

  boolean isUnused() {
    return sessions == 0 && queues.values().stream().allMatch(Set::isEmpty);
  }
}
