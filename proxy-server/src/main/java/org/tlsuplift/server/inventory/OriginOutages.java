package org.tlsuplift.server.inventory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;

/**
 * The origins that no session and no waiting mail has reached since one failed to. Forgets an
 * origin after {@link #KEPT} without another failure, and remembers the last {@value #ORIGINS}.
 * Thread-safe.
 */
public final class OriginOutages implements ProxyObserver {
  private static final int ORIGINS = 100;
  private static final Duration KEPT = Duration.ofHours(6);
  private static final Set<CloseReason> UNREACHABLE =
      EnumSet.of(
          CloseReason.VIA_UNREACHABLE,
          CloseReason.VIA_REFUSED,
          CloseReason.ORIGIN_UNRESOLVED,
          CloseReason.ORIGIN_UNREACHABLE);

  private final Cache<HostPort, Outage> outages =
      Caffeine.newBuilder()
          .maximumSize(ORIGINS)
          .expireAfterWrite(KEPT)
          .executor(Runnable::run)
          .build();
  private final Clock clock;

  public OriginOutages(Clock clock) {
    this.clock = clock;
  }

  /**
   * An origin that does not respond.
   *
   * @param since the first failure since the latest success
   * @param why the cause of the latest failure, and perhaps a remedy; may be empty
   */
  public record Outage(HostPort origin, Instant since, String why) {}

  /** The longest first. */
  public List<Outage> now() {
    return outages.asMap().values().stream().sorted(Comparator.comparing(Outage::since)).toList();
  }

  /** Notes that waiting mail has reached an origin. */
  public void reached(HostPort origin) {
    outages.invalidate(origin);
  }

  /** Notes why waiting mail has not reached an origin. Ignores what says nothing of the origin. */
  public void failed(HostPort origin, @Nullable Throwable cause) {
    if (cause instanceof OriginUnavailableException unavailable) {
      if (UNREACHABLE.contains(unavailable.reason())) {
        failed(origin, unavailable.why().text());
      } else if (unavailable.reason() == CloseReason.ORIGIN_REFUSED) {
        reached(origin);
      }
    }
  }

  @Override
  public SessionObserver sessionOpened(SessionId id, String listener, InetSocketAddress device) {
    return new Watch();
  }

  private void failed(@Nullable HostPort origin, String why) {
    if (origin != null) {
      outages
          .asMap()
          .merge(
              origin,
              new Outage(origin, clock.instant(), why),
              (first, latest) -> new Outage(origin, first.since(), why));
    }
  }

  private final class Watch implements SessionObserver {
    private @Nullable HostPort target;

    @Override
    public void negotiated(HostPort where) {
      target = where;
    }

    @Override
    public void originHandshake(OriginHandshake handshake) {
      if (target != null && handshake.agreed() != null) {
        reached(target);
      }
    }

    /** Where mail is kept, such a session ends without a failure. */
    @Override
    public void signedIn(DeviceSignIn attempt) {
      if (attempt.outcome() == SignInOutcome.ORIGIN_UNAVAILABLE) {
        failed(target, attempt.detail());
      }
    }

    @Override
    public void closed(SessionSummary summary) {
      if (UNREACHABLE.contains(summary.reason())) {
        failed(summary.target(), summary.detail());
      } else if (summary.target() != null && summary.bytesDown() > 0 && isRelayed(summary)) {
        reached(summary.target());
      }
    }

    /** Mail that is kept has reached no origin. */
    private static boolean isRelayed(SessionSummary summary) {
      return summary.tunnelled() != null || summary.action() == Action.FORWARD;
    }
  }
}
