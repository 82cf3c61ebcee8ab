package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;

/**
 * Counts the events of sessions. Thread-safe, but each session observer belongs to the event loop
 * of its session.
 *
 * <p>No label contains the device's address or a name that the device requests.
 */
final class MicrometerProxyObserver implements ProxyObserver {
  private final Map<String, ListenerMeters> listeners = new ConcurrentHashMap<>();
  private final OriginMeters origins;
  private final MeterRegistry registry;

  /**
   * Registers the counters that start at zero.
   *
   * @param listeners the configured names. Any other name gets its own meters, so callers must pass
   *     only configured names.
   */
  MicrometerProxyObserver(MeterRegistry registry, Collection<String> listeners) {
    this.registry = registry;
    this.origins = new OriginMeters(registry);
    listeners.forEach(this::metersOf);
  }

  @Override
  public SessionObserver sessionOpened(SessionId id, String listener, InetSocketAddress device) {
    return new SessionMeters(metersOf(listener), origins);
  }

  /** Registers the counters of a listener. */
  void expect(String listener) {
    var unused = metersOf(listener);
  }

  /** Registers the counters of a mail protocol for a listener. */
  void expectMail(String listener, MailProtocol protocol) {
    metersOf(listener).expectMail(protocol);
  }

  /** Registers the sign-in counters of a listener. */
  void expectSignIns(String listener) {
    metersOf(listener).mail().startSignInsFromZero();
  }

  /** Forgets the meters of all other listeners. */
  void keep(Set<String> names) {
    listeners.keySet().retainAll(names);
  }

  private ListenerMeters metersOf(String listener) {
    return listeners.computeIfAbsent(listener, name -> new ListenerMeters(registry, name));
  }

  /** Counts one session; keeps only what a later call needs. */
  private static final class SessionMeters implements SessionObserver {
    private final ListenerMeters listener;
    private final OriginMeters origins;
    private final LongAdder up;
    private final LongAdder down;
    private @Nullable TlsVersion newestOffered;
    private boolean closed;

    SessionMeters(ListenerMeters listener, OriginMeters origins) {
      this.listener = listener;
      this.origins = origins;
      this.up = listener.bytesUp();
      this.down = listener.bytesDown();
      listener.sessionOpened();
    }

    @Override
    public void helloReceived(ClientHello hello) {
      newestOffered = hello.newestVersion().orElse(null);
    }

    @Override
    public void plaintextAccepted(MailProtocol protocol) {
      listener.mail().plaintextAccepted(protocol);
    }

    @Override
    public void originReplied(MailProtocol protocol, OriginReply reply) {
      listener.mail().originReplied(protocol, reply);
    }

    @Override
    public void signedIn(DeviceSignIn attempt) {
      listener.mail().signedIn(attempt.outcome());
    }

    @Override
    public void messageRefused(MessageRefusal refusal) {
      listener.mail().messageRefused(refusal);
    }

    @Override
    public void messageEnded(MailMessage message) {
      listener.mail().messageEnded(message);
    }

    @Override
    public void deviceHandshake(DeviceHandshake handshake) {
      listener.deviceHandshake(handshake, newestOffered);
    }

    @Override
    public void originHandshake(OriginHandshake handshake) {
      origins.originHandshake(handshake);
    }

    @Override
    public boolean observesRelay() {
      return true;
    }

    @Override
    public void relayed(Direction direction, long bytes) {
      // The hot path: two fields and an adder, without lookups and allocations.
      (direction == Direction.UP ? up : down).add(bytes);
    }

    @Override
    public void closed(SessionSummary summary) {
      if (closed) {
        return; // the gauge must return to 0 even if the contract is violated
      }
      closed = true;
      listener.sessionClosed(summary);
    }
  }
}
