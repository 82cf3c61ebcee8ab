package org.tlsuplift.server.spool;

import io.netty.buffer.Unpooled;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.spool.MessageSpool;
import org.tlsuplift.server.background.Backoff;
import org.tlsuplift.server.background.Notice;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.background.Threads;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.mail.Transport;

/**
 * Delivers the messages that wait, and notifies their senders if that fails.
 *
 * <p>The store gives the oldest message of each account. Each has a thread, so a slow account
 * delays no other. If this program ends between an origin's 250 and {@link SpoolStore#finish}, the
 * message is delivered again with the same Message-ID. None is lost.
 */
public final class Delivery implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Delivery.class);

  /** The number of messages that are sent at the same time, each of another account. */
  static final int SENDS = 16;

  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration RENEWAL = Duration.ofSeconds(20);
  private static final Duration COUNT = Duration.ofSeconds(15);
  private static final Backoff BACKOFF = new Backoff(Duration.ofMinutes(1), Duration.ofMinutes(30));
  private static final Backoff PAUSES = new Backoff(Duration.ofSeconds(2), Duration.ofMinutes(1));

  /** Longer than any pause: the clock was ahead when it began. */
  private static final Duration ENDLESS = Duration.ofHours(4);

  /** An attempt takes half an hour at most. */
  private static final int RENEWALS =
      (int) (Duration.ofMinutes(30).toMillis() / RENEWAL.toMillis());

  private static final int MAX_HEADER = 64 * 1024;
  private static final int MAX_WHY = 500;
  private static final String DAMAGED =
      "554 5.3.0 TLS Uplift cannot deliver the message, because its copy on the disk is damaged."
          + " Send it again";
  private static final Pattern MESSAGE_ID = Pattern.compile("(?im)^Message-ID[ \t]*:");
  private static final Pattern ADDRESS = Pattern.compile("[^\\s<>]+@[^\\s<>]+");

  private final SpoolStore store;
  private final Function<OutgoingMessage, Transport> transports;
  private final Function<OutgoingMessage, Rules> rules;
  private final Trail trail;
  private final String host;
  private final Schedule schedule;
  private final Clock clock;
  private final Map<String, Attempt> running = new ConcurrentHashMap<>();
  private final Map<String, Pause> pauses = new ConcurrentHashMap<>();
  private final ExecutorService threads = Threads.upTo(SENDS, "uplift-delivery");
  private final Map<Outcome, Long> counts = new ConcurrentHashMap<>();
  private final Notice away = Notice.once();
  private volatile SpoolStore.Totals totals = new SpoolStore.Totals(0, 0, 0, null);
  private volatile String closed = "";
  private volatile Instant returned = Instant.EPOCH;
  private volatile boolean stopping;

  /** What an attempt led to. */
  public enum Outcome implements Labelled {
    DELIVERED,
    DEFERRED,
    RETURNED,
    /** Another instance may deliver it too. */
    LOST_CLAIM
  }

  /**
   * The rules for a message that cannot be delivered.
   *
   * @param returnTo gets the notification; null for the sender, empty for nobody
   * @param keep how long the notification waits
   * @param listener through which it leaves
   */
  public record Rules(@Nullable String returnTo, Duration keep, String listener) {}

  /** Records what became of recipients. Must not block. */
  @FunctionalInterface
  public interface Trail {
    /**
     * @param outcome {@code DELIVERED} or {@code RETURNED}
     */
    void ended(
        OutgoingMessage message, MessageOutcome outcome, List<String> recipients, String reply);
  }

  /** The messages of a queue are not tried for a while, after failures that concern all of them. */
  private record Pause(Instant until, int failures, Transport.Result result) {}

  /** A message that this instance has claimed, and the thread that sends it. */
  private static final class Attempt {
    private @Nullable Thread thread;
    private @Nullable String why;
    private int renewals;

    synchronized void begin() {
      thread = Thread.currentThread();
      renewals = 0;
    }

    /** Returns why it had to end; null if it was not told to. */
    synchronized @Nullable String finish() {
      thread = null;
      return why;
    }

    synchronized void renewed(boolean claimed) {
      if (thread != null && why == null && (!claimed || ++renewals > RENEWALS)) {
        why = claimed ? "the attempt took longer than 30 minutes" : "an operator ended the attempt";
        thread.interrupt();
      }
    }
  }

  /** A step that uses the database. */
  private interface Step {
    boolean run() throws SpoolException;
  }

  /**
   * Starts nothing yet.
   *
   * @param store closed by the caller
   * @param transports the way in which a message leaves now
   * @param rules of a message, also of one whose listener is gone
   * @param host the name of this machine
   */
  public Delivery(
      SpoolStore store,
      Function<OutgoingMessage, Transport> transports,
      Function<OutgoingMessage, Rules> rules,
      Trail trail,
      String host,
      Schedule schedule,
      Clock clock) {
    this.store = store;
    this.transports = transports;
    this.rules = rules;
    this.trail = trail;
    this.host = SpoolIntake.named(host);
    this.schedule = schedule.part();
    this.clock = clock;
  }

  /** Starts delivering. */
  public void start() {
    schedule.every(POLL, "delivery of waiting mail", this::claimMore);
    schedule.every(RENEWAL, RENEWAL, "renewal of claims", this::renewAll);
    schedule.every(COUNT, "count of waiting mail", this::count);
  }

  /** What waited within the last {@link #COUNT}. */
  public SpoolStore.Totals totals() {
    return totals;
  }

  /** Why new messages were refused within the last {@link #COUNT}; empty if they were kept. */
  public String closed() {
    return closed;
  }

  /** The number of attempts with this outcome. */
  public long count(Outcome outcome) {
    return counts.getOrDefault(outcome, 0L);
  }

  /** When a message could last not be delivered. */
  public Instant lastReturned() {
    return returned;
  }

  private void claimMore() {
    // Without a query, nobody knows whether the database works.
    if (!stopping && running.size() < SENDS) {
      once(this::claim);
    }
  }

  private synchronized boolean claim() throws SpoolException {
    if (!stopping && running.size() < SENDS) {
      // The lease of a running one can end while the database is unreachable; this claim renews it.
      Set<String> sending = Set.copyOf(running.keySet());
      Instant now = clock.instant();
      pauses.values().removeIf(pause -> pause.until().isAfter(now.plus(ENDLESS)));
      Set<String> paused = new HashSet<>();
      pauses.forEach(
          (queue, pause) -> paused.addAll(pause.until().isAfter(now) ? Set.of(queue) : Set.of()));
      for (OutgoingMessage message : store.claim(SENDS - running.size(), paused)) {
        if (!sending.contains(message.id())) {
          running.put(message.id(), new Attempt());
          try {
            threads.execute(() -> deliver(message));
          } catch (OutOfMemoryError noThread) {
            // Its claim ends, because nothing renews it.
            running.remove(message.id());
            throw noThread;
          }
        }
      }
    }
    return true;
  }

  private void renewAll() {
    // Without a query, nobody knows whether the database works.
    if (!running.isEmpty()) {
      once(this::renew);
    }
  }

  private boolean renew() throws SpoolException {
    Map<String, Attempt> attempts = Map.copyOf(running);
    Set<String> claimed = attempts.keySet();
    try {
      claimed = store.renew(claimed);
    } finally {
      Set<String> left = claimed;
      attempts.forEach((id, attempt) -> attempt.renewed(left.contains(id)));
    }
    return true;
  }

  private void count() {
    try {
      totals = store.totals();
      closed = store.closed();
    } catch (SpoolException failed) {
      // The next claim fails too, and logs it.
      log.debug("waiting mail cannot be counted", failed);
    }
  }

  /** Whether the database, or the key of its messages, is missing, so that nothing leaves. */
  public boolean isFailing() {
    return away.isOn();
  }

  /** Runs a step. Returns null if the database failed. */
  private @Nullable Boolean once(Step step) {
    try {
      boolean result = step.run();
      synchronized (away) {
        if (away.ended()) {
          log.info("spool: the database works again");
        }
      }
      return result;
    } catch (SpoolException failed) {
      synchronized (away) {
        if (away.isNews("away")) {
          log.atWarn()
              .addKeyValue("detail", failed.getMessage())
              .addKeyValue("remedy", "check the database, or the disk of dataDirectory")
              .log("spool: the database failed; waiting mail is delivered when it works again");
        }
      }
      return null;
    }
  }

  /** Repeats a step until the database works. Returns false if the claim was lost. */
  private boolean persist(OutgoingMessage message, Step step) throws InterruptedException {
    Boolean held = once(step);
    while (held == null) {
      Thread.sleep(POLL.toMillis());
      held = once(step);
    }
    if (!held) {
      counts.merge(Outcome.LOST_CLAIM, 1L, Long::sum);
      on(log.atWarn(), message)
          .addKeyValue("remedy", "none: a duplicate has the same Message-ID")
          .log("spool: a claim was lost; the message was deleted, or another instance may send it");
    }
    return held;
  }

  private void deliver(OutgoingMessage message) {
    try {
      attempt(message);
    } catch (InterruptedException stop) {
      // An instance tries the message again when its claim has ended.
      Thread.currentThread().interrupt();
    } finally {
      running.remove(message.id());
      claimMore();
    }
  }

  private void attempt(OutgoingMessage message) throws InterruptedException {
    List<String> open = new ArrayList<>(message.open());
    try {
      String header = header(message);
      Pause pause = pauses.get(message.queue());
      if (pause != null && pause.until().isAfter(clock.instant())) {
        // It has expired, and an attempt would fail, possibly after a minute.
        settle(message, header, pause.result());
        return;
      }
      Transport.Result result = send(message, added(message, header));
      open.removeAll(result.accepted());
      pauses.compute(message.queue(), (queue, before) -> pause(before, result));
      settle(message, header, result);
    } catch (IOException | RuntimeException | Error failed) {
      if (!(failed instanceof IOException)) {
        on(log.atError(), message).setCause(failed).log("spool: delivery failed");
      }
      String why = why(failed);
      if (failed instanceof SpoolException spool && spool.damaged()) {
        hold(message, spool.undelivered(), why);
      } else if (open.isEmpty()) {
        var unused = persist(message, () -> store.finish(message, null));
      } else if (postpone(message, open, null, why)
          && (failed instanceof StackOverflowError
              || (isExpired(message) && !(failed instanceof IOException)))
          && persist(message, () -> store.change(message.id(), SpoolChange.HOLD).isPresent())) {
        on(log.atError(), message)
            .addKeyValue("detail", why)
            .log("spool: a message that cannot be processed is held back");
      }
    }
  }

  /** Holds a damaged message, and notifies its sender, as far as its envelope is genuine. */
  private void hold(OutgoingMessage message, List<String> undelivered, String why)
      throws InterruptedException {
    Map<String, String> failed = new LinkedHashMap<>();
    // An operator may release it again and again.
    if (!message.lastReply().equals(why)) {
      undelivered.forEach(each -> failed.put(each, DAMAGED));
    }
    SpoolStore.Notice notice = failed.isEmpty() ? null : notice(message, failed, "");
    boolean kept = notice == null || isKept(notice);
    if (postpone(message, message.open(), null, kept ? why : "")
        // If the spool is full, its sender is notified at the next attempt.
        && kept
        && persist(message, () -> store.change(message.id(), SpoolChange.HOLD).isPresent())) {
      returned(message, failed, notice);
      returned = clock.instant();
      on(log.atError(), message)
          .addKeyValue("detail", why)
          .addKeyValue("notified", notice != null)
          .log("spool: a damaged message is held back");
    }
  }

  private boolean isExpired(OutgoingMessage message) {
    return !clock.instant().isBefore(message.expires());
  }

  private static String why(Throwable failed) {
    String why = failed instanceof Error ? failed.toString() : String.valueOf(failed.getMessage());
    return ShortText.printable(why, MAX_WHY);
  }

  /** Sends a message. A fault is a result, so that the time of the message ends like others. */
  private Transport.Result send(OutgoingMessage message, String added) throws InterruptedException {
    Attempt attempt = Objects.requireNonNull(running.get(message.id()));
    attempt.begin();
    try {
      Transport transport = transports.apply(message);
      return transport.send(message, added, () -> store.content(message));
    } catch (StackOverflowError poison) {
      throw poison;
    } catch (RuntimeException | Error fault) {
      on(log.atError(), message).setCause(fault).log("spool: delivery failed");
      return deferred(message, why(fault));
    } catch (InterruptedException ended) {
      String why = attempt.finish();
      if (why == null) {
        throw ended;
      }
      return deferred(message, "451 4.4.7 " + why);
    } finally {
      if (attempt.finish() != null && !stopping) {
        var unused = Thread.interrupted();
      }
    }
  }

  private static Transport.Result deferred(OutgoingMessage message, String why) {
    Map<String, String> replies = new LinkedHashMap<>();
    message.open().forEach(each -> replies.put(each, why));
    return new Transport.Result("", List.of(), Map.of(), replies, null);
  }

  private @Nullable Pause pause(@Nullable Pause before, Transport.Result result) {
    if (result.retryAfter() == null) {
      return null;
    }
    int failures = before == null ? 1 : before.failures() + 1;
    Duration wait = PAUSES.after(failures);
    Duration asked = result.retryAfter();
    Instant until = clock.instant().plus(asked.compareTo(wait) > 0 ? asked : wait);
    return new Pause(until, failures, result);
  }

  /** The header as on the wire, at most {@link #MAX_HEADER}. */
  private String header(OutgoingMessage message) throws IOException {
    try (InputStream data = store.content(message)) {
      String text = "\r\n" + new String(data.readNBytes(MAX_HEADER), StandardCharsets.ISO_8859_1);
      // A damaged message is found before a part of it has left.
      data.transferTo(OutputStream.nullOutputStream());
      int end = text.indexOf("\r\n\r\n");
      return text.substring(2, Math.max(0, end < 0 ? text.lastIndexOf("\r\n") : end) + 2);
    }
  }

  /** The lines before the data, equal at each attempt (RFC 5321 section 4.4). */
  private String added(OutgoingMessage message, String header) {
    // An earlier version kept no such line, and a notification has none.
    String received =
        header.contains(" id " + message.id() + "; ")
            ? ""
            : SpoolIntake.received(
                message.id(), message.envelope(), host, "ESMTP", message.accepted());
    return MESSAGE_ID.matcher(header).find()
        ? received
        : received + "Message-ID: <" + message.id() + "@tls-uplift.invalid>\r\n";
  }

  private void settle(OutgoingMessage message, String header, Transport.Result result)
      throws InterruptedException {
    boolean expired = isExpired(message);
    Map<String, String> failed = new LinkedHashMap<>();
    List<String> open = new ArrayList<>();
    for (String each : message.open()) {
      String refusal = result.refused().get(each);
      if (!result.accepted().contains(each) && (refusal != null || expired)) {
        failed.put(each, refusal == null ? result.deferred().getOrDefault(each, "") : refusal);
      } else if (!result.accepted().contains(each)) {
        open.add(each);
      }
    }
    if (!result.accepted().isEmpty()) {
      ended(message, Outcome.DELIVERED, result.accepted(), result.by());
      on(log.atInfo(), message)
          .addKeyValue("recipients", result.accepted().size())
          .addKeyValue("seconds", Duration.between(message.accepted(), clock.instant()).toSeconds())
          .addKeyValue("detail", withoutAddresses(result.by()))
          .log("spool: a message is delivered");
    }
    SpoolStore.Notice notice = failed.isEmpty() ? null : notice(message, failed, header);
    if (open.isEmpty()) {
      if (persist(message, () -> store.finish(message, notice))) {
        returned(message, failed, notice);
      }
    } else {
      String reply = result.deferred().getOrDefault(open.get(0), "");
      if (notice != null && !isKept(notice)) {
        // The spool is full, so its sender is notified at the end.
        open.addAll(failed.keySet());
        failed.clear();
      }
      returned(message, failed, notice);
      postpone(message, open, result.retryAfter(), reply);
    }
  }

  /** Keeps a notification while the message waits for other recipients. */
  private boolean isKept(SpoolStore.Notice notice) {
    MessageSpool.Incoming incoming =
        store.intake(true, notice.keep(), Long.MAX_VALUE, host).begin(notice.envelope(), "");
    incoming.add(Unpooled.wrappedBuffer(notice.data())).toCompletableFuture().join();
    return incoming.keep().toCompletableFuture().join() instanceof MessageSpool.Result.Kept;
  }

  /** A notification about a message; null if nobody can be notified. */
  private SpoolStore.@Nullable Notice notice(
      OutgoingMessage message, Map<String, String> failed, String header) {
    Rules rule = rules.apply(message);
    String sender = message.envelope().sender();
    String to = rule.returnTo() == null ? sender : rule.returnTo();
    // A notification that cannot be delivered leads to no other (RFC 3464 section 2).
    return to.isEmpty() || (sender.isEmpty() && message.envelope().recipients().contains(to))
        ? null
        : StatusNotification.of(
            message, failed, header, to, rule.listener(), host, clock.instant(), rule.keep());
  }

  private boolean postpone(
      OutgoingMessage message, List<String> open, @Nullable Duration retryAfter, String reply)
      throws InterruptedException {
    Duration wait = BACKOFF.after(message.attempts() + 1);
    wait = wait.plusMillis(ThreadLocalRandom.current().nextLong(wait.toMillis() / 4));
    if (retryAfter != null && retryAfter.compareTo(wait) > 0) {
      wait = retryAfter;
    }
    Instant now = clock.instant();
    Instant next = now.plus(wait);
    // The last attempt is at the end of its time.
    Instant last = message.expires().isAfter(now) ? message.expires() : next;
    Instant at = next.isBefore(last) ? next : last;
    boolean held = persist(message, () -> store.postpone(message, open, at, reply));
    if (held) {
      counts.merge(Outcome.DEFERRED, 1L, Long::sum);
      on(log.atInfo(), message)
          .addKeyValue("attempts", message.attempts() + 1)
          .addKeyValue("next", at)
          .addKeyValue("detail", withoutAddresses(reply))
          .log("spool: a message is deferred");
    }
    return held;
  }

  private void returned(
      OutgoingMessage message, Map<String, String> failed, SpoolStore.@Nullable Notice notice) {
    if (!failed.isEmpty()) {
      List<String> recipients = List.copyOf(failed.keySet());
      returned = clock.instant();
      String reply = failed.getOrDefault(recipients.get(0), "");
      ended(message, Outcome.RETURNED, recipients, reply);
      on(log.atWarn(), message)
          .addKeyValue("detail", withoutAddresses(reply))
          .addKeyValue("remedy", "see its reply and its recipients on the page Messages")
          .addKeyValue("recipients", recipients.size())
          .addKeyValue("notified", notice != null)
          .log("spool: a message cannot be delivered");
    }
  }

  private void ended(
      OutgoingMessage message, Outcome outcome, List<String> recipients, String reply) {
    counts.merge(outcome, 1L, Long::sum);
    trail.ended(message, MessageOutcome.valueOf(outcome.name()), recipients, reply);
  }

  private static String withoutAddresses(String reply) {
    return ADDRESS.matcher(reply).replaceAll("...");
  }

  private static LoggingEventBuilder on(LoggingEventBuilder line, OutgoingMessage message) {
    return line.addKeyValue("id", message.id())
        .addKeyValue("device", NetUtil.toAddressString(message.envelope().device()))
        .addKeyValue("listener", message.envelope().listener())
        .addKeyValue("account", message.envelope().account());
  }

  /**
   * Claims no more messages, and waits for those that are being sent.
   *
   * @return whether none is left
   */
  public boolean drain(Duration limit) {
    synchronized (this) {
      stopping = true;
      threads.shutdown();
    }
    try {
      return threads.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException sooner) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Ends the sends that still run. Their messages are tried again when their claims have ended. */
  @Override
  public void close() {
    if (!drain(Duration.ZERO)) {
      threads.shutdownNow();
      var unused = drain(POLL);
      log.info("spool: the stop has interrupted messages; they will be sent again");
    }
    schedule.close();
  }
}
