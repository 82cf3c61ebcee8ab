package org.tlsuplift.server.inventory.record;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.LeafKey;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.server.inventory.Failures;
import org.tlsuplift.server.inventory.Success;
import org.tlsuplift.server.inventory.TestDevice;

/**
 * Turns the events of sessions into sightings, on the event loop of each session.
 *
 * <p>It ignores connections that are not admitted and connections that send nothing, because load
 * balancers probe ports in this way.
 */
public final class InventoryObserver implements ProxyObserver {
  private final SightingQueue sightings;
  private final Clock clock;

  public InventoryObserver(SightingQueue sightings, Clock clock) {
    this.sightings = sightings;
    this.clock = clock;
  }

  @Override
  public SessionObserver sessionOpened(SessionId id, String listener, InetSocketAddress device) {
    return new Watch(listener, device.getAddress());
  }

  private final class Watch implements SessionObserver {
    private final String listener;
    private final InetAddress device;
    private @Nullable HostPort target;
    private @Nullable ClientHello hello;
    private @Nullable TlsParameters agreed;
    private @Nullable String originGroup;
    private HandshakeOutcome outcome = HandshakeOutcome.COMPLETED;
    private String introduction = "";
    private Set<OriginReply> replies = Set.of();
    private Set<MessageRefusal> refusals = Set.of();
    private Set<Success> successes = Set.of();

    /** The successes since the latest refusal that were reported at once. */
    private final Set<Success> reported = EnumSet.noneOf(Success.class);

    private boolean bridged;
    private boolean plaintext;
    private boolean spoke;
    private boolean counted;
    private boolean ofDoctor;
    private SightingQueue.@Nullable Entry latest;

    Watch(String listener, InetAddress device) {
      this.listener = listener;
      this.device = device;
    }

    @Override
    public void negotiated(HostPort where) {
      target = where;
    }

    @Override
    public void introduced(String name) {
      // Looks at the machine's addresses at most once.
      ofDoctor |= !counted && introduction.isEmpty() && TestDevice.is(device, name);
      introduction = name;
      spoke = true;
      if (!counted && agreed != null) {
        report("", null, 0, 0);
      }
    }

    @Override
    public void helloReceived(ClientHello offered) {
      hello = offered;
      spoke = true;
    }

    @Override
    public void plaintextAccepted(MailProtocol protocol) {
      plaintext = true;
      spoke = true;
      report("", null, 0, 0);
    }

    @Override
    public void deviceHandshake(DeviceHandshake handshake) {
      outcome = handshake.outcome();
      if (handshake.agreed() != null) {
        agreed = handshake.agreed();
        bridged = true;
        if (hello == null || !introduction.isEmpty() || !TestDevice.isPossible(device, hello)) {
          report("", null, 0, 0);
        }
      }
    }

    @Override
    public void originHandshake(OriginHandshake handshake) {
      originGroup = handshake.agreed() == null ? null : handshake.agreed().group();
    }

    @Override
    public void tunnelAgreed(TlsParameters parameters) {
      agreed = parameters;
      originGroup = parameters.group();
      report("", null, 0, 0);
    }

    @Override
    public void originReplied(MailProtocol protocol, OriginReply reply) {
      reported.clear();
      // They came before the refusal, so they do not end it. Equal ones were reported at once.
      successes = Set.of();
      replies = with(replies, reply);
    }

    @Override
    public void deviceSignInAccepted() {
      succeeded(Success.SIGN_IN);
    }

    @Override
    public void signedIn(DeviceSignIn attempt) {
      if (attempt.outcome() == SignInOutcome.SIGNED_IN && attempt.protocol() != MailProtocol.SMTP) {
        succeeded(Success.SIGN_IN);
      }
    }

    @Override
    public void messageEnded(MailMessage message) {
      // That a message is kept proves nothing about the origin.
      if (message.outcome() == MessageOutcome.ACCEPTED) {
        succeeded(Success.MESSAGE);
      }
    }

    /** Reports a success at once if it may end a problem: a session can last for days. */
    private void succeeded(Success success) {
      addSuccess(success);
      if (reported.add(success)) {
        report("", null, 0, 0);
      }
    }

    /** Most sessions need none of the sets. */
    private static <E extends Enum<E>> Set<E> with(Set<E> some, E another) {
      Set<E> all = some.isEmpty() ? EnumSet.noneOf(another.getDeclaringClass()) : some;
      all.add(another);
      return all;
    }

    private void addSuccess(Success success) {
      successes = with(successes, success);
    }

    @Override
    public void messageRefused(MessageRefusal refusal) {
      refusals = with(refusals, refusal);
    }

    @Override
    public void closed(SessionSummary summary) {
      target = summary.target();
      String failure = Failures.of(summary.reason(), outcome);
      if (failure.isEmpty() && reachedOrigin(summary)) {
        addSuccess(Success.SESSION);
      }
      boolean notAdmitted =
          summary.reason() == CloseReason.DEVICE_NOT_ADMITTED
              || summary.reason() == CloseReason.PROXY_HEADER_REFUSED;
      if (!notAdmitted
          && (spoke || !failure.isEmpty() || !successes.isEmpty())
          && !(isReported(failure) && addToReported(summary.bytesUp(), summary.bytesDown()))) {
        report(failure, summary.refusedKey(), summary.bytesUp(), summary.bytesDown());
      }
    }

    /** The relay of a forwarded request carries no bytes up, and none down without content. */
    private static boolean reachedOrigin(SessionSummary summary) {
      return summary.target() != null
          && (summary.action() == Action.FORWARD
              ? summary.reason() == CloseReason.ORIGIN_CLOSED
              : summary.bytesUp() > 0 && summary.bytesDown() > 0);
    }

    /** Whether everything except bytes and successes has been reported. */
    private boolean isReported(String failure) {
      return failure.isEmpty()
          && hello == null
          && agreed == null
          && originGroup == null
          && !plaintext
          && introduction.isEmpty()
          && replies.isEmpty()
          && refusals.isEmpty();
    }

    private boolean addToReported(long up, long down) {
      return latest != null && latest.add(up, down, successes);
    }

    /** Reports everything new since the last report. */
    private void report(String failure, @Nullable LeafKey refusedKey, long up, long down) {
      if (ofDoctor) {
        return;
      }
      latest =
          sightings.offer(
              new Sighting(
                  device,
                  clock.millis(),
                  listener,
                  !counted,
                  target,
                  hello,
                  agreed,
                  bridged,
                  originGroup,
                  plaintext,
                  introduction,
                  failure,
                  refusedKey,
                  replies,
                  refusals,
                  successes,
                  up,
                  down));
      counted = true;
      hello = null;
      agreed = null;
      originGroup = null;
      plaintext = false;
      introduction = "";
      replies = Set.of();
      refusals = Set.of();
      successes = Set.of();
    }
  }
}
