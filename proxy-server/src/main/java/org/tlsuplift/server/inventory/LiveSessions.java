package org.tlsuplift.server.inventory;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsParameters;

/**
 * Lists the open sessions, up to a limit. Sessions beyond the limit are not listed. Thread-safe.
 *
 * <p>An open session costs one map entry. Each burst of bytes costs a store without a memory fence,
 * because only the session's event loop writes. Readers of the list create the texts.
 */
public final class LiveSessions implements ProxyObserver {
  private static final SessionObserver UNKNOWN = new SessionObserver() {};

  private final ConcurrentHashMap<Long, Live> running = new ConcurrentHashMap<>();
  private volatile int most;
  private final Clock clock;

  /**
   * @param most the largest number of listed sessions
   */
  public LiveSessions(int most, Clock clock) {
    this.most = most;
    this.clock = clock;
  }

  @Override
  public SessionObserver sessionOpened(SessionId id, String listener, InetSocketAddress device) {
    if (running.mappingCount() >= most) {
      return UNKNOWN;
    }
    Live session = new Live(id, listener, device.getAddress(), clock.instant());
    running.put(id.value(), session);
    return session;
  }

  /** Sets another largest number of listed sessions. */
  public void limit(int otherMost) {
    most = otherMost;
  }

  /** Reads the sessions one after the other, the oldest first. */
  public List<LiveSession> now() {
    return running.values().stream()
        .sorted((one, other) -> Long.compare(one.id.value(), other.id.value()))
        .map(Live::look)
        .toList();
  }

  public int count() {
    return running.size();
  }

  /** Only the session's event loop writes its fields. */
  private final class Live implements SessionObserver {
    private final SessionId id;
    private final String listener;
    private final InetAddress device;
    private final Instant openedAt;
    private final AtomicLong up = new AtomicLong();
    private final AtomicLong down = new AtomicLong();
    private volatile @Nullable HostPort target;
    private volatile @Nullable Action action;
    private volatile @Nullable ClientHello hello;
    private volatile @Nullable TlsParameters agreed;
    private volatile @Nullable TlsParameters agreedWithOrigin;

    Live(SessionId id, String listener, InetAddress device, Instant openedAt) {
      this.id = id;
      this.listener = listener;
      this.device = device;
      this.openedAt = openedAt;
    }

    @Override
    public void negotiated(HostPort wanted) {
      target = wanted;
    }

    @Override
    public void helloReceived(ClientHello received) {
      hello = received;
    }

    @Override
    public void decided(Action decision) {
      action = decision;
    }

    @Override
    public void deviceHandshake(DeviceHandshake handshake) {
      agreed = handshake.agreed();
    }

    @Override
    public void originHandshake(OriginHandshake handshake) {
      agreedWithOrigin = handshake.agreed();
    }

    @Override
    public void tunnelAgreed(TlsParameters both) {
      agreed = both;
      agreedWithOrigin = both;
    }

    @Override
    public boolean observesRelay() {
      return true;
    }

    @Override
    public void relayed(Direction direction, long bytes) {
      AtomicLong sum = direction == Direction.UP ? up : down;
      sum.lazySet(sum.getPlain() + bytes);
    }

    @Override
    public void closed(SessionSummary summary) {
      running.remove(id.value());
    }

    private LiveSession look() {
      HostPort wanted = target;
      Action decision = action;
      ClientHello received = hello;
      return new LiveSession(
          id.toString(),
          listener,
          device.getHostAddress(),
          openedAt,
          wanted == null ? null : wanted.toString(),
          decision == null ? null : decision.label(),
          received == null
              ? null
              : received.newestVersion().map(version -> version.label()).orElse(null),
          version(agreed),
          version(agreedWithOrigin),
          up.get(),
          down.get());
    }

    private static @Nullable String version(@Nullable TlsParameters parameters) {
      return parameters == null ? null : parameters.version().label();
    }
  }

  /**
   * A snapshot of a session. Text that devices sent may contain any printable characters.
   *
   * @param id the session ID, as in logs
   * @param target the destination; null until known
   * @param action bridge, tunnel or deny; null until decided
   * @param offered the newest version that the device offers, or null
   * @param agreed the version agreed with the device, or null
   * @param agreedWithOrigin the version agreed with the origin, or null
   * @param bytesUp payload bytes sent to the origin
   * @param bytesDown payload bytes sent to the device
   */
  public record LiveSession(
      String id,
      String listener,
      String device,
      Instant openedAt,
      @Nullable String target,
      @Nullable String action,
      @JsonProperty("offeredVersion") @Nullable String offered,
      @JsonProperty("agreedVersion") @Nullable String agreed,
      @JsonProperty("originVersion") @Nullable String agreedWithOrigin,
      long bytesUp,
      long bytesDown) {}
}
