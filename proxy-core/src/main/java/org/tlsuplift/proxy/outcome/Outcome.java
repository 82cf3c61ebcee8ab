package org.tlsuplift.proxy.outcome;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What can happen to a session, a handshake, a sign-in or a message, with all that people read
 * about it. The log, the pages, {@code doctor}, the metrics, the notifications, the alert rules and
 * the tables of the manual are made from these values or compared with them.
 */
public interface Outcome {
  /** Where an operator looks for the cause, which decides the step on the overview. */
  enum Side {
    /** There is nothing to look for. */
    NONE,
    DEVICE,
    /** The device may not trust the CA; one step covers all devices that refuse it. */
    DEVICE_TRUST,
    /** The configuration refuses the device on purpose; there is no step. */
    DEVICE_DENIED,
    PROXY,
    /** The origin, or the way to it. */
    ORIGIN
  }

  /** The level of the log line. A handshake is in the line of its session. */
  enum Level {
    DEBUG,
    INFO,
    WARN,
    ERROR
  }

  /**
   * The values of one outcome.
   *
   * @param title the problem in a few words
   * @param remedy what an operator can do, in one line of at most 100 characters; may be empty
   * @param advice the same with more details, in sentences; empty if the remedy is enough
   * @param alert the alert that one such outcome raises, or null
   */
  record Facts(
      Side side, Level level, String title, String remedy, String advice, @Nullable Alert alert) {}

  /** Implemented by every enum. */
  String name();

  /** The value of the metric label, the log field and the inventory. */
  default String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  Facts facts();

  default Side side() {
    return facts().side();
  }

  /** Whether something went wrong; otherwise this is what should happen. */
  default boolean isFailure() {
    return side() != Side.NONE;
  }

  default Level level() {
    return facts().level();
  }

  /** The problem in a few words, for pages. */
  default String title() {
    return facts().title();
  }

  /** The remedy for the operator in one line, for the log; empty after a normal end. */
  default String remedy() {
    return facts().remedy();
  }

  /** The remedy with more details where there are some, for the pages and {@code doctor}. */
  default String advice() {
    return facts().advice().isEmpty() ? remedy() : facts().advice();
  }

  /** The alert that one such outcome raises, or null. */
  default @Nullable Alert alert() {
    return facts().alert();
  }
}
