package org.tlsuplift.proxy.tls.failure;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The reason in a BoringSSL error message, such as {@code error:100000b8:SSL
 * routines:OPENSSL_internal:NO_SHARED_CIPHER}.
 *
 * <p>The low 12 bits of the code are the reason. A reason from 1000 up is an alert that the peer
 * sent: 1000 plus the alert's number (openssl/ssl.h).
 *
 * <p>To report: "The exceptions of ReferenceCountedOpenSslEngine have the error's code and the
 * peer's alert only in their message." Delete the pattern when they have methods for them.
 *
 * @param receivedAlert the number of the peer's alert, or -1 if this side found the error
 */
record OpenSslError(String name, int receivedAlert) {
  private static final Pattern TEXT = Pattern.compile("error:([0-9a-fA-F]{8}):[^:]*:[^:]*:(\\w+)");
  private static final int FIRST_ALERT = 1000;

  static Optional<OpenSslError> of(Throwable failure) {
    return DeviceFailures.causes(failure)
        .map(cause -> TEXT.matcher(String.valueOf(cause.getMessage())))
        .filter(Matcher::find)
        .findFirst()
        .map(
            found -> {
              int reason = (int) (Long.parseLong(found.group(1), 16) & 0xfff);
              return new OpenSslError(
                  found.group(2).toUpperCase(Locale.ROOT),
                  reason >= FIRST_ALERT ? reason - FIRST_ALERT : -1);
            });
  }
}
