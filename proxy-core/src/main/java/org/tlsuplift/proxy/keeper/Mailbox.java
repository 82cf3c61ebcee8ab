package org.tlsuplift.proxy.keeper;

import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.tlsuplift.proxy.keeper.MailboxObserver.Line;

/** One mailbox's sessions, messages and lines. Guarded by the keeper's lock. */
final class Mailbox {
  final String name;
  final MessageWindow messages;
  int sessions;

  /** Somebody has been asked to look when the next message is due. */
  boolean wakes;

  /** Somebody has been asked to look whether this mailbox can be forgotten. */
  boolean fades;

  private final Map<Line, Set<PlaceInLine>> lines = new EnumMap<>(Line.class);

  Mailbox(String name, int messagesPerMinute) {
    this.name = name;
    this.messages = new MessageWindow(messagesPerMinute);
    for (Line line : Line.values()) {
      lines.put(line, new LinkedHashSet<>());
    }
  }

  /** First come, first served; whoever leaves is found at once. */
  Set<PlaceInLine> line(Line line) {
    return lines.getOrDefault(line, Set.of());
  }

  boolean isUnused() {
    return sessions == 0 && lines.values().stream().allMatch(Set::isEmpty);
  }
}
