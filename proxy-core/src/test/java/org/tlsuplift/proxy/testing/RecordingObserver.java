package org.tlsuplift.proxy.testing;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
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
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;

/** Records the observer's calls. */
public final class RecordingObserver implements ProxyObserver {
  /** The summaries, in the order in which sessions ended. */
  public final List<SessionSummary> closed = new CopyOnWriteArrayList<>();

  /** The device handshakes, completed or not. */
  public final List<DeviceHandshake> deviceHandshakes = new CopyOnWriteArrayList<>();

  /** The origin handshakes, completed or not. */
  public final List<OriginHandshake> originHandshakes = new CopyOnWriteArrayList<>();

  /** The mail sessions that continued in plaintext. */
  public final List<MailProtocol> plaintext = new CopyOnWriteArrayList<>();

  /** The names in HELO or EHLO. */
  public final List<String> introductions = new CopyOnWriteArrayList<>();

  public final List<OriginReply> replies = new CopyOnWriteArrayList<>();

  /** The sign-ins, accepted or not. */
  public final List<DeviceSignIn> signIns = new CopyOnWriteArrayList<>();

  public final List<MessageRefusal> refusals = new CopyOnWriteArrayList<>();

  public final List<MailMessage> messages = new CopyOnWriteArrayList<>();

  public final AtomicInteger opened = new AtomicInteger();

  /** Thrown when bytes go to a device, as if memory were used up there; null for nothing. */
  public volatile @Nullable Error downFailure;

  @Override
  public SessionObserver sessionOpened(SessionId id, String listener, InetSocketAddress device) {
    opened.incrementAndGet();
    return new SessionObserver() {
      @Override
      public void deviceHandshake(DeviceHandshake handshake) {
        deviceHandshakes.add(handshake);
      }

      @Override
      public void originHandshake(OriginHandshake handshake) {
        originHandshakes.add(handshake);
      }

      @Override
      public void introduced(String name) {
        introductions.add(name);
      }

      @Override
      public void plaintextAccepted(MailProtocol protocol) {
        plaintext.add(protocol);
      }

      @Override
      public void originReplied(MailProtocol protocol, OriginReply reply) {
        replies.add(reply);
      }

      @Override
      public void signedIn(DeviceSignIn attempt) {
        signIns.add(attempt);
      }

      @Override
      public void messageRefused(MessageRefusal refusal) {
        refusals.add(refusal);
      }

      @Override
      public void messageEnded(MailMessage message) {
        messages.add(message);
      }

      @Override
      public boolean observesRelay() {
        return true;
      }

      @Override
      public void relayed(Direction direction, long bytes) {
        Error failure = downFailure;
        if (direction == Direction.DOWN && failure != null) {
          throw failure;
        }
      }

      @Override
      public void closed(SessionSummary summary) {
        closed.add(summary);
      }
    };
  }
}
