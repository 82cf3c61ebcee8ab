package org.tlsuplift.proxy.model;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;

/** Combines several observers, and protects sessions from an observer that throws. */
public final class ProxyObservers {
  private ProxyObservers() {}

  /**
   * Calls each observer in turn. An exception goes to {@code faults}; it affects neither the
   * session nor the other observers.
   */
  public static ProxyObserver compose(
      List<ProxyObserver> observers, Consumer<RuntimeException> faults) {
    List<ProxyObserver> all = List.copyOf(observers);
    return (id, listener, device) -> Composite.of(open(all, faults, id, listener, device), faults);
  }

  private static List<SessionObserver> open(
      List<ProxyObserver> observers,
      Consumer<RuntimeException> faults,
      SessionId id,
      String listener,
      InetSocketAddress device) {
    List<SessionObserver> opened = new ArrayList<>(observers.size());
    for (ProxyObserver observer : observers) {
      try {
        opened.add(observer.sessionOpened(id, listener, device));
      } catch (RuntimeException fault) {
        faults.accept(fault);
      }
    }
    return opened;
  }

  /** Several observers, and those of them that observe the relay. */
  private record Composite(
      List<SessionObserver> parts,
      List<SessionObserver> relayParts,
      Consumer<RuntimeException> faults)
      implements SessionObserver {
    static Composite of(List<SessionObserver> parts, Consumer<RuntimeException> faults) {
      List<SessionObserver> relayParts = new ArrayList<>(parts.size());
      for (SessionObserver part : parts) {
        if (part.observesRelay()) {
          relayParts.add(part);
        }
      }
      return new Composite(parts, relayParts, faults);
    }

    @Override
    public void negotiated(HostPort target) {
      each(part -> part.negotiated(target));
    }

    @Override
    public void introduced(String name) {
      each(part -> part.introduced(name));
    }

    @Override
    public void helloReceived(ClientHello hello) {
      each(part -> part.helloReceived(hello));
    }

    @Override
    public void plaintextAccepted(MailProtocol protocol) {
      each(part -> part.plaintextAccepted(protocol));
    }

    @Override
    public void originReplied(MailProtocol protocol, OriginReply reply) {
      each(part -> part.originReplied(protocol, reply));
    }

    @Override
    public void decided(Action action) {
      each(part -> part.decided(action));
    }

    @Override
    public void deviceHandshake(DeviceHandshake handshake) {
      each(part -> part.deviceHandshake(handshake));
    }

    @Override
    public void originHandshake(OriginHandshake handshake) {
      each(part -> part.originHandshake(handshake));
    }

    @Override
    public void tunnelAgreed(TlsParameters agreed) {
      each(part -> part.tunnelAgreed(agreed));
    }

    @Override
    public void deviceSignInRefused() {
      each(SessionObserver::deviceSignInRefused);
    }

    @Override
    public void deviceSignInAccepted() {
      each(SessionObserver::deviceSignInAccepted);
    }

    @Override
    public void signedIn(DeviceSignIn attempt) {
      each(part -> part.signedIn(attempt));
    }

    @Override
    public void messageRefused(MessageRefusal refusal) {
      each(part -> part.messageRefused(refusal));
    }

    @Override
    public void messageEnded(MailMessage message) {
      each(part -> part.messageEnded(message));
    }

    @Override
    public boolean observesRelay() {
      return !relayParts.isEmpty();
    }

    @Override
    public void relayed(Direction direction, long bytes) {
      // The hot path: no lambda and no iterator, so nothing is allocated.
      for (int i = 0; i < relayParts.size(); i++) {
        try {
          relayParts.get(i).relayed(direction, bytes);
        } catch (RuntimeException fault) {
          faults.accept(fault);
        }
      }
    }

    @Override
    public void closed(SessionSummary summary) {
      each(part -> part.closed(summary));
    }

    private void each(Consumer<SessionObserver> call) {
      for (SessionObserver part : parts) {
        try {
          call.accept(part);
        } catch (RuntimeException fault) {
          faults.accept(fault);
        }
      }
    }
  }
}
