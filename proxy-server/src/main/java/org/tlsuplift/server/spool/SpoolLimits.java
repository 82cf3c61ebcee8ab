package org.tlsuplift.server.spool;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MessageSpool.Envelope;
import org.tlsuplift.server.inventory.DeviceAddress;

/**
 * Counts what waits and what is arriving: at most {@value #MESSAGES} messages and a number of
 * bytes, and half of both for each device and for each account. Thread-safe.
 */
final class SpoolLimits {
  private static final int MESSAGES = 10_000;

  /** Each has up to two parts in memory. */
  private static final int ARRIVING = 500;

  private static final String ALL = "all devices";

  private final Map<String, Amount> arriving = new HashMap<>();
  private Map<String, Amount> waiting = new HashMap<>();

  /** Messages and bytes of a device, an account or all. */
  record Amount(long messages, long bytes) {
    private static final Amount NONE = new Amount(0, 0);

    private Amount plus(Amount other) {
      return new Amount(messages + other.messages, bytes + other.bytes);
    }
  }

  /** The reply to a device that has reached a limit, or null. */
  synchronized @Nullable String refusal(Envelope envelope, long maximumSize) {
    if (arriving.getOrDefault(ALL, Amount.NONE).messages > ARRIVING) {
      return "451 4.3.2 Too many messages arrive at the same time; try again later";
    }
    for (String subject : subjects(envelope)) {
      Amount present = waiting.getOrDefault(subject, Amount.NONE);
      Amount all = present.plus(arriving.getOrDefault(subject, Amount.NONE));
      int share = subject.equals(ALL) ? 1 : 2;
      if (all.messages > MESSAGES / share || all.bytes > maximumSize / share) {
        return "452 4.3.1 Too much mail of %s waits here; try again later, or an administrator deletes some: tls-uplift spool list"
            .formatted(subject);
      }
    }
    return null;
  }

  private static List<String> subjects(Envelope envelope) {
    return subjects(DeviceAddress.of(envelope.device()).text(), envelope.account());
  }

  private static List<String> subjects(String device, String account) {
    return account.isEmpty() ? List.of(ALL, device) : List.of(ALL, device, account);
  }

  /** Changes what arrives. */
  synchronized void arrive(Envelope envelope, long messages, long bytes) {
    add(arriving, subjects(envelope), new Amount(messages, bytes));
  }

  /** Changes what waits. */
  synchronized void wait(Envelope envelope, long messages, long bytes) {
    add(waiting, subjects(envelope), new Amount(messages, bytes));
  }

  /** Replaces what waits; the result of {@link #add}. */
  synchronized void replace(Map<String, Amount> found) {
    waiting = found;
  }

  static void add(Map<String, Amount> to, String device, String account, Amount amount) {
    add(to, subjects(device, account), amount);
  }

  private static void add(Map<String, Amount> to, List<String> subjects, Amount amount) {
    for (String subject : subjects) {
      Amount sum = to.merge(subject, amount, Amount::plus);
      if (sum.equals(Amount.NONE)) {
        to.remove(subject);
      }
    }
  }
}
