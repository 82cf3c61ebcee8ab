package org.tlsuplift.server.inventory.messages;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.outcome.SignInOutcome;

/**
 * Makes a record of each message that ends, on the event loop of its session.
 *
 * <p>The receivers get each record there, so they must be fast and must not block. Thread-safe.
 */
public final class MessageTrail implements ProxyObserver {
  private final StoredRecipients stored;
  private final Clock clock;
  private final List<Consumer<MessageRecord>> receivers;

  /** Two daemons with one database make different ids. */
  private final String run = HexFormat.of().toHexDigits(new SecureRandom().nextInt());

  private final AtomicInteger number = new AtomicInteger();

  public MessageTrail(
      StoredRecipients stored, Clock clock, List<Consumer<MessageRecord>> receivers) {
    this.stored = stored;
    this.clock = clock;
    this.receivers = List.copyOf(receivers);
  }

  @Override
  public SessionObserver sessionOpened(SessionId id, String listener, InetSocketAddress device) {
    return new Session(id, listener, device);
  }

  /**
   * Makes a record of a message that has ended.
   *
   * @param session the id of the session, or of a message that this program delivered or returned
   * @param account may be empty
   * @param deviceTls the version; empty without a session
   * @param originTls the version; may be empty
   */
  public void ended(
      String session,
      String listener,
      InetAddress device,
      String account,
      MailMessage message,
      String deviceTls,
      String originTls) {
    Instant at = clock.instant();
    MessageRecord made =
        new MessageRecord(
            id(at),
            at,
            session,
            listener,
            device,
            account,
            message.sender(),
            stored.of(message),
            message.recipientCount(),
            message.acceptedRecipients(),
            message.size(),
            message.duration(),
            message.outcome(),
            message.refusal() == null ? "" : message.refusal().label(),
            stored.reply(message, account),
            deviceTls,
            originTls);
    receivers.forEach(each -> each.accept(made));
  }

  /** 12 hexadecimal digits of the time in milliseconds, 8 of the run and 8 of a counter. */
  private String id(Instant at) {
    return MessageRecord.idBegin(at)
        + "-"
        + run
        + "-"
        + HexFormat.of().toHexDigits(number.getAndIncrement());
  }

  private final class Session implements SessionObserver {
    private final SessionId id;
    private final String listener;
    private final InetSocketAddress device;
    private String account = "";
    private String deviceTls = MessageRecord.NO_TLS;
    private String originTls = "";

    Session(SessionId id, String listener, InetSocketAddress device) {
      this.id = id;
      this.listener = listener;
      this.device = device;
    }

    @Override
    public void deviceHandshake(DeviceHandshake handshake) {
      if (handshake.agreed() != null) {
        deviceTls = handshake.agreed().version().label();
      }
    }

    @Override
    public void originHandshake(OriginHandshake handshake) {
      if (handshake.agreed() != null) {
        originTls = handshake.agreed().version().label();
      }
    }

    @Override
    public void signedIn(DeviceSignIn attempt) {
      String mailbox = attempt.mailbox();
      if (mailbox != null && attempt.outcome() == SignInOutcome.SIGNED_IN) {
        account = mailbox.substring(0, Math.min(mailbox.length(), MessageRecord.MAX_ADDRESS));
      }
    }

    @Override
    public void messageEnded(MailMessage message) {
      ended(id.toString(), listener, device.getAddress(), account, message, deviceTls, originTls);
    }
  }
}
