package org.tlsuplift.proxy.outcome;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An alert that single outcomes raise. Each outcome names its alert; a test compares the rules in
 * {@code config/alerts.yml}, which have the same names.
 */
public enum Alert {
  DEVICE_DOES_NOT_TRUST_CA,
  DEVICE_LEAVES_UNUSED,
  DEVICE_AT_ITS_LIMIT,
  SIGN_IN_FAILS,
  FAULT,

  ORIGIN_NOT_TRUSTED(
      "origin_not_trusted",
      Duration.ofMinutes(15),
      "an origin was refused, because its certificate or its TLS version is not acceptable",
      "run 'tls-uplift probe HOST'; if a firewall inspects TLS, set 'upstream.trust' to its CA"),
  BASIC_AUTH_IS_OFF(
      "passwords_refused",
      Duration.ofHours(1),
      "Microsoft 365 refused a sign-in for SMTP, because passwords or SMTP AUTH are off or a policy"
          + " blocks it; scans are not delivered",
      "see 'tls-uplift manual microsoft-replies#sign-in'"),
  ORIGIN_SAYS_TLS_TOO_OLD(
      "tls_too_old",
      Duration.ofHours(1),
      "Microsoft 365 reports TLS below 1.2; something on the way decrypts TLS",
      "find the firewall or proxy that decrypts TLS, and exempt this machine"),
  SESSIONS_REFUSED(
      "sessions_refused",
      Duration.ofMinutes(15),
      "devices are refused: limits.maxSessions is reached",
      "raise limits.maxSessions and the limit of open files, or add an instance"),
  OVERLOADED(
      "overloaded",
      Duration.ofMinutes(15),
      "devices are refused: the daemon has too few processors or too little memory",
      "give the daemon more processors and memory (-XX:MaxDirectMemorySize), or add an instance");

  private final String kind;
  private final Duration window;
  private final String summary;
  private final String remedy;

  Alert() {
    this("", Duration.ZERO, "", "");
  }

  Alert(String kind, Duration window, String summary, String remedy) {
    this.kind = kind;
    this.window = window;
    this.summary = summary;
    this.remedy = remedy;
  }

  /** The name of the rule in {@code config/alerts.yml}. */
  public String rule() {
    return Arrays.stream(name().split("_", -1))
        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining("", "TlsUplift", ""));
  }

  /** The labels of the outcomes that raise this alert. */
  public Set<String> labels(Outcome... outcomes) {
    return Arrays.stream(outcomes)
        .filter(outcome -> outcome.alert() == this)
        .map(Outcome::label)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether an operator must act now: the daemon sends a notification. */
  public boolean isCritical() {
    return !kind.isEmpty();
  }

  /** The word for programs in a notification; empty if the alert is not critical. */
  public String kind() {
    return kind;
  }

  /** The time for which the outcome keeps a critical alert alive. */
  public Duration window() {
    return window;
  }

  /** The text of a notification, in one line. */
  public String summary() {
    return summary;
  }

  /** The next step in a notification, in one line. */
  public String remedy() {
    return remedy;
  }
}
