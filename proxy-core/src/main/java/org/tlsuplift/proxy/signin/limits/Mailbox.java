package org.tlsuplift.proxy.signin.limits;

import java.net.InetAddress;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.tlsuplift.proxy.model.Crowd;
import org.tlsuplift.proxy.signin.limits.MailboxObserver.Queue;

/** The sessions, messages and queues of one mailbox. Guarded by the limiter's lock. */
final class Mailbox {
  final String name;
  final MessageWindow messages;
  int sessions;

  /** Whether a task is scheduled for the time when the next message is allowed. */
  boolean wakes;

  /** Whether a task is scheduled that removes this mailbox if it is unused. */
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
   * The waiter that gets the next permit: the first one of the device with the fewest sessions. The
   * search covers the whole queue, at most {@link MailboxLimits#maximumWaiting} waiters.
   */
  Waiter next(Queue queue) {
    return queue(queue).stream()
        .min(Comparator.comparingInt(waiter -> sessionsOf.getOrDefault(waiter.device, 0)))
        .orElseThrow();
  }

  /**
   * The waiter that must leave a full queue: the latest one of the device with the most waiters.
   */
  Waiter excess(Queue queue) {
    return Crowd.latestOfMost(queue(queue), waiter -> waiter.device).orElseThrow();
  }

  /** The waiters in order of arrival, in a set with fast removal. */
  Set<Waiter> queue(Queue queue) {
    return queues.getOrDefault(queue, Set.of());
  }

  boolean isUnused() {
    return sessions == 0 && queues.values().stream().allMatch(Set::isEmpty);
  }
}
