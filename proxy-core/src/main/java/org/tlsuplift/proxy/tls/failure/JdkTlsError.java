package org.tlsuplift.proxy.tls.failure;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The reason in a text of the JDK's engine, such as {@code (handshake_failure) no cipher suites in
 * common} or {@code (unknown_ca) Received fatal alert: unknown_ca}.
 *
 * @param alert the number of the alert that goes with it
 * @param received whether the peer sent that alert, and not we
 * @param text the reason, without anything the peer could have written
 */
record JdkTlsError(int alert, boolean received, String text) {
  /** JDK 17 begins with the alert in parentheses; RFC 8446 section 6 has the names. */
  private static final Pattern TEXT = Pattern.compile("\\(([a-z_0-9]{1,40})\\) ([^\r\n]{0,120})");

  private static final String RECEIVED = "Received fatal alert: ";

  static Optional<JdkTlsError> of(@Nullable Throwable cause) {
    for (Throwable t = cause; t != null && t != t.getCause(); t = t.getCause()) {
      Matcher matcher = TEXT.matcher(String.valueOf(t.getMessage()));
      if (t instanceof SSLException && matcher.lookingAt()) {
        OptionalInt alert = AlertNames.numberOf(matcher.group(1));
        if (alert.isPresent()) {
          return Optional.of(
              new JdkTlsError(
                  alert.getAsInt(), matcher.group(2).startsWith(RECEIVED), matcher.group(2)));
        }
      }
    }
    return Optional.empty();
  }
}
