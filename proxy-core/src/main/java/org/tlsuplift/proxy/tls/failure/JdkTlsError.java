package org.tlsuplift.proxy.tls.failure;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * The reason in an error message of the JDK's TLS engine, such as {@code (handshake_failure) no
 * cipher suites in common} or {@code (unknown_ca) Received fatal alert: unknown_ca}.
 *
 * @param received whether the peer sent the alert
 * @param text the reason; the peer cannot control it
 */
record JdkTlsError(int alert, boolean received, String text) {
  /** The message starts with the alert's name in parentheses (JDK 17; RFC 8446 section 6). */
  private static final Pattern TEXT = Pattern.compile("\\(([a-z_0-9]{1,40})\\) ([^\r\n]{0,120})");

  private static final String RECEIVED = "Received fatal alert: ";

  static Optional<JdkTlsError> of(Throwable failure) {
    return DeviceFailures.causes(failure)
        .filter(SSLException.class::isInstance)
        .map(cause -> TEXT.matcher(String.valueOf(cause.getMessage())))
        .filter(Matcher::lookingAt)
        .flatMap(found -> read(found).stream())
        .findFirst();
  }

  private static Optional<JdkTlsError> read(Matcher found) {
    OptionalInt alert = AlertNames.numberOf(found.group(1));
    String text = found.group(2);
    return alert.isPresent()
        ? Optional.of(new JdkTlsError(alert.getAsInt(), text.startsWith(RECEIVED), text))
        : Optional.empty();
  }
}
