package org.tlsuplift.server.spool;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.spool.MessageSpool;
import org.tlsuplift.server.mail.OutgoingMessage;

/** Messages that wait in memory, for tests of those who read and change them. */
public final class MemorySpool implements SpoolStore {
  public static final String BUSY =
      "smtp.office365.com:587: 432 4.3.2 Concurrent connections limit exceeded";

  private final List<OutgoingMessage> all = new ArrayList<>();
  private String closed = "";
  private boolean fails;
  private boolean claimed;

  /** Adds a message that was accepted at this time. */
  public MemorySpool add(String id, Instant accepted, String sender, String lastReply) {
    all.add(
        new OutgoingMessage(
            id,
            new MessageEnvelope(
                "submission",
                address("10.0.0.1"),
                "scanner@contoso.com",
                sender,
                List.of("bob@fabrikam.com", "eve@fabrikam.com"),
                false),
            List.of("bob@fabrikam.com", "eve@fabrikam.com"),
            52_000,
            accepted,
            accepted.plus(Duration.ofDays(2)),
            3,
            accepted.plus(Duration.ofHours(9)),
            lastReply,
            false));
    return this;
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** From now on, no call is answered. */
  public void fail() {
    fails = true;
  }

  /** From now on, new messages are refused. */
  public void close(String why) {
    closed = why;
  }

  /** From now on, an instance delivers all messages. */
  public void claim() {
    claimed = true;
  }

  private void check() throws SpoolException {
    if (fails) {
      throw new SpoolException("spool.db: disk I/O error");
    }
  }

  @Override
  public List<OutgoingMessage> list(int most) throws SpoolException {
    check();
    return all.stream().limit(most).toList();
  }

  @Override
  public Optional<OutgoingMessage> find(String id) throws SpoolException {
    check();
    return all.stream().filter(each -> each.id().equals(id)).findFirst();
  }

  @Override
  public Optional<Boolean> change(String id, SpoolChange change) throws SpoolException {
    Optional<Boolean> found = find(id).map(each -> claimed);
    switch (change) {
      case RETRY -> replace(id, Instant.EPOCH, false);
      case HOLD, RELEASE -> replace(id, Instant.MAX, change == SpoolChange.HOLD);
      case DROP -> all.removeIf(each -> each.id().equals(id));
    }
    return found;
  }

  private void replace(String id, Instant latest, boolean held) throws SpoolException {
    Optional<OutgoingMessage> found = find(id);
    found.ifPresent(
        old ->
            all.set(
                all.indexOf(old),
                new OutgoingMessage(
                    old.id(),
                    old.envelope(),
                    old.open(),
                    old.size(),
                    old.accepted(),
                    old.expires(),
                    old.attempts(),
                    latest.isBefore(old.nextAttempt()) ? latest : old.nextAttempt(),
                    old.lastReply(),
                    held)));
  }

  @Override
  public Totals totals() throws SpoolException {
    check();
    return new Totals(
        all.size(),
        all.stream().mapToLong(OutgoingMessage::size).sum(),
        all.stream().filter(OutgoingMessage::held).count(),
        all.stream().map(OutgoingMessage::accepted).min(Instant::compareTo).orElse(null));
  }

  @Override
  public MessageSpool intake(boolean always, Duration keep, long maximumSize, String host) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<OutgoingMessage> claim(int most, Set<String> paused) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Set<String> renew(Collection<String> ids) {
    throw new UnsupportedOperationException();
  }

  @Override
  public InputStream content(OutgoingMessage message) {
    throw new AssertionError("no reader needs the content");
  }

  @Override
  public boolean postpone(
      OutgoingMessage message, List<String> open, Instant nextAttempt, String lastReply) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean finish(OutgoingMessage message, @Nullable Notice notice) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int retryAll() throws SpoolException {
    int due = 0;
    for (OutgoingMessage each : list(all.size())) {
      if (!each.held()) {
        due += change(each.id(), SpoolChange.RETRY).isPresent() ? 1 : 0;
      }
    }
    return due;
  }

  @Override
  public long counted() {
    return all.size();
  }

  @Override
  public void close() {}

  @Override
  public String closed() {
    return closed;
  }

  @Override
  public long refused() {
    return 0;
  }
}
