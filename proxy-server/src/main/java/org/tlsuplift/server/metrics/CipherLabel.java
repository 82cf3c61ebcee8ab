package org.tlsuplift.server.metrics;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Bounds the values of the label {@code cipher}.
 *
 * <p>An agreed suite is one that a profile allows, so there are some dozens at most. This does not
 * lean on that: what is no suite name in the spelling of the IANA registry (or of the JDK, which
 * keeps {@code SSL_} for old ones), and what comes after {@value #MAX_NAMES} different ones, is
 * {@value #OTHER}. Thread-safe.
 */
final class CipherLabel {
  static final String NONE = "none";
  static final String OTHER = "other";

  /** More than the suites below TLS 1.2 that any engine in use has. */
  static final int MAX_NAMES = 100;

  private static final Pattern SUITE = Pattern.compile("(TLS|SSL)_[A-Z0-9_]{1,60}");

  private final Set<String> seen = ConcurrentHashMap.newKeySet();

  String of(String cipherSuite) {
    if (seen.contains(cipherSuite)) {
      return cipherSuite;
    }
    // Racing threads can overshoot by their number, which is as good as the bound itself.
    if (seen.size() >= MAX_NAMES || !SUITE.matcher(cipherSuite).matches()) {
      return OTHER;
    }
    seen.add(cipherSuite);
    return cipherSuite;
  }
}
