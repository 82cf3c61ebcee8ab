package org.tlsuplift.server.spool;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.spool.MessageSpool;
import org.tlsuplift.server.mail.OutgoingMessage;

/** A spool in memory whose faults a test chooses. */
final class FaultySpool implements SpoolStore {
  /** Whether the database fails. */
  volatile boolean away;

  /** Why new messages are refused, or empty. */
  volatile String closed = "";

  /** Whether all claims are lost. */
  volatile boolean lost;

  /** The messages whose data is damaged. */
  final Set<String> damaged = new HashSet<>();

  /** The recipients that damaged messages name. */
  volatile List<String> undelivered = List.of();

  /** The renewed messages, repeatedly. */
  final List<String> renewed = new CopyOnWriteArrayList<>();

  /** The messages that have left, in order. */
  final List<String> finished = new CopyOnWriteArrayList<>();

  final List<Notice> notices = new CopyOnWriteArrayList<>();

  private final Clock clock;
  private final Map<String, OutgoingMessage> messages = new LinkedHashMap<>();
  private final Map<String, byte[]> data = new LinkedHashMap<>();
  private final Set<String> claimed = new HashSet<>();
  private int next;

  FaultySpool(Clock clock) {
    this.clock = clock;
  }

  synchronized String put(MessageEnvelope envelope, byte[] content, Duration keep) {
    String id = "id" + ++next;
    Instant now = clock.instant();
    data.put(id, content);
    messages.put(
        id,
        new OutgoingMessage(
            id,
            envelope,
            envelope.recipients(),
            content.length,
            now,
            now.plus(keep),
            0,
            now,
            "",
            false));
    return id;
  }

  @Override
  public MessageSpool intake(boolean always, Duration keep, long maximumSize, String host) {
    return new MessageSpool() {
      @Override
      public boolean always() {
        return always;
      }

      @Override
      public String closed() {
        return "";
      }

      @Override
      public Incoming begin(MessageEnvelope envelope, String protocol) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        return new Incoming() {
          @Override
          public CompletionStage<?> add(ByteBuf part) {
            content.writeBytes(
                part.toString(StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.ISO_8859_1));
            part.release();
            return CompletableFuture.completedFuture(null);
          }

          @Override
          public CompletionStage<Result> keep() {
            notices.add(new Notice(envelope, content.toByteArray(), keep));
            return CompletableFuture.completedFuture(
                new Result.Kept(put(envelope, content.toByteArray(), keep)));
          }

          @Override
          public void discard() {}
        };
      }
    };
  }

  private void check() throws SpoolException {
    if (away) {
      throw new SpoolException("away", new SQLException("away"));
    }
  }

  @Override
  public synchronized List<OutgoingMessage> claim(int most, Set<String> paused)
      throws SpoolException {
    check();
    Set<String> accounts =
        claimed.stream()
            .map(messages::get)
            .map(each -> each.envelope().account())
            .collect(Collectors.toSet());
    List<OutgoingMessage> due = new ArrayList<>();
    for (OutgoingMessage each : messages.values()) {
      if (due.size() < most
          && !each.held()
          && !each.nextAttempt().isAfter(clock.instant())
          && (!paused.contains(each.queue()) || !clock.instant().isBefore(each.expires()))
          && accounts.add(each.envelope().account())) {
        due.add(each);
        claimed.add(each.id());
      }
    }
    return due;
  }

  @Override
  public synchronized Set<String> renew(Collection<String> ids) throws SpoolException {
    check();
    renewed.addAll(ids);
    return ids.stream()
        .filter(id -> claimed.contains(id) && !get(id).held())
        .collect(Collectors.toSet());
  }

  @Override
  public InputStream content(OutgoingMessage message) throws SpoolException {
    check();
    if (damaged.contains(message.id())) {
      throw new SpoolException("part 1 does not match its key", undelivered);
    }
    return new ByteArrayInputStream(data.get(message.id()));
  }

  @Override
  public synchronized boolean postpone(
      OutgoingMessage message, List<String> open, Instant nextAttempt, String lastReply)
      throws SpoolException {
    check();
    if (lost || !claimed.remove(message.id())) {
      return false;
    }
    messages.put(
        message.id(),
        new OutgoingMessage(
            message.id(),
            message.envelope(),
            open,
            message.size(),
            message.accepted(),
            message.expires(),
            message.attempts() + 1,
            nextAttempt,
            lastReply,
            messages.get(message.id()).held()));
    return true;
  }

  @Override
  public synchronized boolean finish(OutgoingMessage message, @Nullable Notice notice)
      throws SpoolException {
    check();
    if (lost || !claimed.remove(message.id())) {
      return false;
    }
    messages.remove(message.id());
    finished.add(message.id());
    if (notice != null) {
      notices.add(notice);
      put(notice.envelope(), notice.data(), notice.keep());
    }
    return true;
  }

  @Override
  public synchronized List<OutgoingMessage> list(int most) {
    return List.copyOf(messages.values());
  }

  @Override
  public synchronized Optional<OutgoingMessage> find(String id) {
    return Optional.ofNullable(messages.get(id));
  }

  OutgoingMessage get(String id) {
    return find(id).orElseThrow();
  }

  @Override
  public synchronized Optional<Boolean> change(String id, SpoolChange change)
      throws SpoolException {
    check();
    Optional<OutgoingMessage> found = find(id);
    Optional<Boolean> result = found.map(each -> isClaimed(id));
    if (change == SpoolChange.DROP) {
      claimed.remove(id);
      messages.remove(id);
    } else {
      found.ifPresent(each -> hold(each, change == SpoolChange.HOLD));
    }
    return result;
  }

  private void hold(OutgoingMessage each, boolean held) {
    messages.put(
        each.id(),
        new OutgoingMessage(
            each.id(),
            each.envelope(),
            each.open(),
            each.size(),
            each.accepted(),
            each.expires(),
            each.attempts(),
            each.nextAttempt(),
            each.lastReply(),
            held));
  }

  synchronized boolean isClaimed(String id) {
    return claimed.contains(id);
  }

  @Override
  public synchronized Totals totals() throws SpoolException {
    check();
    return new Totals(
        messages.size(),
        messages.values().stream().mapToLong(OutgoingMessage::size).sum(),
        messages.values().stream().filter(OutgoingMessage::held).count(),
        messages.values().stream()
            .map(OutgoingMessage::accepted)
            .min(Instant::compareTo)
            .orElse(null));
  }

  @Override
  public int retryAll() {
    throw new UnsupportedOperationException();
  }

  @Override
  public long counted() {
    return 0;
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
