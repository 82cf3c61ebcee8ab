package org.tlsuplift.server.admin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.metrics.SignInRefusal;

/** Tells of sign-ins that were refused: counts each, and logs one a minute for each address. */
final class Refusals {
  private static final Logger log = LoggerFactory.getLogger(Refusals.class);
  private static final Duration QUIET = Duration.ofMinutes(1);
  private static final int MAX_ADDRESSES = 1_000;

  private final ServerMetrics metrics;
  private final Cache<InetAddress, Boolean> logged;

  Refusals(ServerMetrics metrics, Ticker clock) {
    this.metrics = metrics;
    this.logged =
        Caffeine.newBuilder()
            .ticker(clock)
            .maximumSize(MAX_ADDRESSES)
            .expireAfterWrite(QUIET)
            .build();
  }

  /** Neither name nor password is told: the one may have been typed in place of the other. */
  void refused(InetAddress from, SignInRefusal why) {
    metrics.adminSignInRefused(why);
    if (logged.asMap().putIfAbsent(from, true) == null) {
      log.atWarn()
          .addKeyValue("address", from.getHostAddress())
          .addKeyValue("reason", why.label())
          .log(
              "a sign-in at the admin port was refused; others from there within a minute are"
                  + " only counted");
    }
  }
}
