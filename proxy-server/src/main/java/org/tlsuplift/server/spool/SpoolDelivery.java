package org.tlsuplift.server.spool;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.spool.SpoolDestination;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.HasPages;
import org.tlsuplift.server.feature.Condition;
import org.tlsuplift.server.feature.HasConditions;
import org.tlsuplift.server.feature.Part;
import org.tlsuplift.server.feature.Running;
import org.tlsuplift.server.inventory.messages.MessageTrail;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.mail.Transport;
import org.tlsuplift.server.metrics.Meters;
import org.tlsuplift.server.process.OpenedResources;

/**
 * The spool of the daemon and its delivery. They exist from the first configuration that needs them
 * until the daemon stops. Each attempt uses the configuration of its time.
 */
public final class SpoolDelivery implements Running<SpoolSettings>, HasConditions, HasPages {
  private static final Logger log = LoggerFactory.getLogger(SpoolDelivery.class);

  /** For the notifications of a listener that no longer has a spool. */
  private static final Duration GONE = Duration.ofDays(2);

  private static final Duration OUTAGE = Duration.ofMinutes(1);

  /** Between two searches for messages that an earlier configuration has kept. */
  private static final Duration EARLIER_MAIL = Duration.ofMinutes(10);

  private final Outlets outlets;
  private final Records records;
  private final Schedule schedule;
  private final String host;
  private final Clock clock = Clock.systemUTC();
  private volatile SpoolSettings settings;
  private volatile @Nullable Opened opened;
  private @Nullable Opened prepared;
  private boolean started;

  /** How messages leave, in the configuration of now. Used by threads of the delivery. */
  public interface Outlets {
    List<ListenerSpec> listeners();

    /**
     * @param listener that took the message; null if it is gone
     */
    SmtpTransport.Way way(@Nullable ListenerSpec listener, String mailbox);

    /**
     * @param smtp the transport of messages whose account says nothing else
     */
    Transport transport(OutgoingMessage message, Transport smtp);
  }

  /**
   * What hears of the messages.
   *
   * @param trail null if no messages are recorded
   * @param names of the devices by their addresses, as far as they are known
   */
  public record Records(
      Meters meters,
      @Nullable MessageTrail trail,
      Function<List<String>, Map<String, String>> names) {}

  /** The spool, which sessions need, and the delivery, which needs the proxy. */
  private record Opened(SpoolStore store, SmtpTransport smtp, Delivery delivery) {
    void stop() {
      delivery.close();
      smtp.close();
    }
  }

  /**
   * Opens nothing yet.
   *
   * @param first the settings until the first commit
   * @param host the name of this machine, for the headers of messages
   */
  public SpoolDelivery(
      SpoolSettings first, Outlets outlets, Records records, Schedule schedule, String host) {
    this.settings = first;
    this.outlets = outlets;
    this.records = records;
    this.schedule = schedule;
    this.host = host;
  }

  @Override
  public synchronized Part prepare(SpoolSettings next, OpenedResources undo)
      throws OperatorException {
    if (opened == null && (next.isUsed() || (next.shared() == null && next.exists()))) {
      Opened made = open(next);
      prepared = made;
      undo.add(() -> discard(made));
    }
    Opened used = opened == null ? prepared : opened;
    return new Part() {
      @Override
      public ListenerSpec contribute(ListenerSpec listener) {
        SpoolSection section = next.sections().get(listener.name());
        return section == null || used == null
            ? listener
            : listener.with(listener.mail().sendingTo(destination(section, used.store)));
      }

      @Override
      public void commit() {
        use(next, used);
      }
    };
  }

  private SpoolDestination destination(SpoolSection section, SpoolStore store) {
    boolean always = section.when() == SpoolSection.When.ALWAYS;
    return new SpoolDestination(store.intake(always, section.keep(), section.maximumSize(), host));
  }

  private synchronized void discard(Opened made) {
    prepared = null;
    made.stop();
    made.store.close();
  }

  private synchronized void use(SpoolSettings next, @Nullable Opened used) {
    settings = next;
    prepared = null;
    if (opened == null && used != null) {
      opened = used;
      observe(used, records.meters);
      if (started) {
        used.delivery.start();
      }
    }
  }

  private Opened open(SpoolSettings next) throws OperatorException {
    SpoolStore store = next.ofDaemon(clock);
    next.warnings().forEach(log::warn);
    String refusal = next.refusal();
    if (!refusal.isEmpty()) {
      log.warn("the spool refuses new mail, and delivers what waits: {}", refusal);
    }
    SmtpTransport smtp = new SmtpTransport(this::way, Duration.ofSeconds(1));
    Delivery delivery =
        new Delivery(
            store,
            message -> outlets.transport(message, smtp),
            message -> rules(message, smtp),
            this::ended,
            host,
            schedule,
            clock);
    return new Opened(store, smtp, delivery);
  }

  @Override
  public synchronized void start() {
    started = true;
    if (opened != null) {
      opened.delivery.start();
    }
    schedule.every(EARLIER_MAIL, "search for mail in the database", this::deliverEarlier);
  }

  /**
   * Opens the spool and delivers if messages of an earlier configuration wait in the database. Does
   * nothing if the database is unreachable.
   */
  private synchronized void deliverEarlier() {
    SpoolSettings now = settings;
    if (opened != null || prepared != null || now.shared() == null || now.keyFile() == null) {
      return;
    }
    try (SpoolStore earlier = now.open()) {
      if (earlier.totals().messages() > 0) {
        use(now, open(now));
      }
    } catch (OperatorException | SpoolException none) {
      log.debug("the database has no spool, or is unreachable", none);
    }
  }

  @Override
  public void drain(Duration limit) {
    Opened used = opened;
    if (used != null) {
      used.delivery.drain(limit);
      used.stop();
    }
  }

  @Override
  public void close() {
    Opened used = opened;
    if (used != null) {
      used.stop();
      used.store.close();
    }
  }

  @Override
  public FeaturePages pages() {
    return new WaitingPages(this::store, records.names, clock);
  }

  private Optional<SpoolStore> store() {
    return Optional.ofNullable(opened).map(Opened::store);
  }

  private Optional<Delivery> delivery() {
    return Optional.ofNullable(opened).map(Opened::delivery);
  }

  private void observe(Opened made, Meters meters) {
    Delivery delivery = made.delivery;
    meters.counter(SpoolMetrics.REFUSED, made.store::refused);
    meters.gauge(
        SpoolMetrics.MESSAGES,
        () -> delivery.totals().messages() - delivery.totals().held(),
        "waiting");
    meters.gauge(SpoolMetrics.MESSAGES, () -> delivery.totals().held(), "held");
    meters.gauge(SpoolMetrics.BYTES, () -> delivery.totals().bytes());
    meters.gauge(
        SpoolMetrics.LIMIT,
        () ->
            settings.sections().values().stream()
                .mapToLong(SpoolSection::maximumSize)
                .min()
                .orElse(0));
    meters.gauge(SpoolMetrics.OLDEST, () -> age().toSeconds());
    for (Delivery.Outcome outcome : Delivery.Outcome.values()) {
      meters.counter(SpoolMetrics.DELIVERIES, () -> delivery.count(outcome), outcome.label());
    }
  }

  /** Whether the database of the spool, or its key, is missing. */
  private boolean isFailing() {
    return delivery().map(Delivery::isFailing).orElse(false);
  }

  /** Why the spool refuses new mail; empty if it keeps it, or if there is none. */
  private String closed() {
    return delivery().map(Delivery::closed).orElse("");
  }

  @Override
  public List<Condition> conditions() {
    Instant recent = Instant.now().minus(WaitingMail.LATE);
    return Stream.of(
            new Condition(
                    "mail_waits",
                    "mail has waited for delivery for more than an hour",
                    "run 'tls-uplift spool list': it has the last reply and what to do")
                .when(age().compareTo(WaitingMail.LATE) > 0),
            new Condition(
                    "spool_closed",
                    "the spool refuses new mail, and devices get 452: " + closed(),
                    "run 'tls-uplift doctor': it has the cause and the remedy")
                .shownInHealth()
                .when(!closed().isEmpty()),
            new Condition(
                    "mail_returned",
                    "mail could not be delivered in the last hour",
                    "see the page Messages: it has the recipients, and the reply with what to do")
                .when(delivery().filter(each -> each.lastReturned().isAfter(recent)).isPresent()),
            new Condition(
                    "spool_away",
                    "",
                    "the spool cannot be read, so no waiting mail leaves",
                    "the log has the cause, such as a missing key or database: restore it",
                    OUTAGE)
                .shownInHealth()
                .when(isFailing()))
        .flatMap(each -> each)
        .toList();
  }

  private Duration age() {
    return delivery()
        .map(each -> each.totals().oldest())
        .map(oldest -> Duration.between(oldest, Instant.now()))
        // The clock may have been ahead.
        .filter(age -> !age.isNegative())
        .orElse(Duration.ZERO);
  }

  private Delivery.Rules rules(OutgoingMessage message, SmtpTransport smtp) {
    MessageEnvelope of = message.envelope();
    boolean signsIn = !of.account().isEmpty();
    Optional<ListenerSpec> by =
        listener(each -> each.name().equals(of.listener()))
            .or(() -> listener(each -> (each.mail().signIn() != null) == signsIn));
    if (by.isEmpty() && outlets.transport(message, smtp) == smtp) {
      // A notification would wait for nothing; the log says that nobody gets one.
      return new Delivery.Rules("", GONE, of.listener());
    }
    String name = by.map(ListenerSpec::name).orElse(of.listener());
    SpoolSection section = settings.sections().get(name);
    return section == null
        ? new Delivery.Rules(null, GONE, name)
        : new Delivery.Rules(section.returnTo(), section.keep(), name);
  }

  /** A listener through whose origin messages can leave. */
  private Optional<ListenerSpec> listener(Predicate<ListenerSpec> which) {
    return outlets.listeners().stream()
        .filter(
            each ->
                each.mail().service() != null
                    && each.mail().service().protocol() == MailProtocol.SMTP)
        .filter(each -> each.accept() instanceof AcceptMode.Fixed)
        .filter(which)
        .findFirst();
  }

  private SmtpTransport.Way way(OutgoingMessage message) {
    MessageEnvelope of = message.envelope();
    return outlets.way(
        listener(each -> each.name().equals(of.listener())).orElse(null), of.account());
  }

  private void ended(
      OutgoingMessage message, MessageOutcome outcome, List<String> recipients, String reply) {
    MessageTrail trail = records.trail;
    MessageEnvelope envelope = message.envelope();
    int delivered = outcome == MessageOutcome.DELIVERED ? recipients.size() : 0;
    Duration age = Duration.between(message.accepted(), Instant.now());
    if (trail != null) {
      MailMessage mail =
          new MailMessage(
              envelope.sender(),
              recipients,
              recipients.size(),
              delivered,
              message.size(),
              age,
              outcome,
              null,
              ShortText.printable(reply, MailMessage.MAX_REPLY - 3),
              0);
      String account = envelope.account();
      trail.ended(message.id(), envelope.listener(), envelope.device(), account, mail, "", "");
    }
  }
}
