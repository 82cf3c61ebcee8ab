package org.tlsuplift.server.audit;

import java.net.InetAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tlsuplift.server.audit.AuditRecord.Via;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Change.Result;

/**
 * Counts the refused sign-ins of each minute, so that a guesser cannot fill the audit log.
 * Thread-safe.
 */
final class RefusedSignIns {
  /** Further addresses of a minute are counted together. */
  private static final int MAX_ADDRESSES = 100;

  private static final int MAX_MINUTES = 60;

  private final Map<String, Integer> byAddress = new HashMap<>();
  private final List<AuditRecord> ended = new ArrayList<>();
  private int count;
  private Instant minute = Instant.EPOCH;

  /** Counts one. */
  synchronized void add(InetAddress from, Instant now) {
    endMinute(now);
    minute = now.truncatedTo(ChronoUnit.MINUTES);
    count++;
    String address = from.getHostAddress();
    if (byAddress.size() < MAX_ADDRESSES || byAddress.containsKey(address)) {
      byAddress.merge(address, 1, Integer::sum);
    }
  }

  /** The records of the minutes that have ended and are not {@link #written}. */
  synchronized List<AuditRecord> ended(Instant now) {
    endMinute(now);
    return List.copyOf(ended);
  }

  synchronized void written(List<AuditRecord> records) {
    ended.removeAll(records);
  }

  private void endMinute(Instant now) {
    if (count == 0 || now.truncatedTo(ChronoUnit.MINUTES).equals(minute)) {
      return;
    }
    Map.Entry<String, Integer> most =
        byAddress.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
    String text = count + " in this minute, " + most.getValue() + " of them from " + most.getKey();
    if (ended.size() == MAX_MINUTES) {
      ended.remove(0);
    }
    ended.add(
        AuditRecord.of(
            minute,
            "",
            "",
            most.getKey(),
            Via.PAGES,
            "sign-in",
            new Change("", "", text, Result.REFUSED)));
    count = 0;
    byAddress.clear();
  }
}
