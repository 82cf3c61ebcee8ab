package org.tlsuplift.server.daemon;

import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.authority.ConfiguredNames;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.MailConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.inventory.messages.MessageTrail;
import org.tlsuplift.server.metrics.MailMetricNames;
import org.tlsuplift.server.metrics.Meters;
import org.tlsuplift.server.spool.Delivery;
import org.tlsuplift.server.spool.SmtpTransport;
import org.tlsuplift.server.spool.SpoolStore;
import org.tlsuplift.server.spool.SpooledMessage;

/**
 * The spool of the daemon and its delivery. They exist from the first configuration that needs them
 * until the daemon stops. Each attempt uses the configuration of its time.
 */
final class SpoolDelivery implements AutoCloseable {
  /** Same age as TlsUpliftMailWaits in config/alerts.yml. */
  private static final Duration LATE = Duration.ofHours(1);

  /** For the notifications of a listener that has no spool any more. */
  private static final Delivery.Rules GONE = new Delivery.Rules(null, Duration.ofDays(2));

  private final Opening opening;
  private final Supplier<LiveConfiguration> live;
  private final SessionRecords records;
  private final Schedule schedule;
  private volatile Optional<SpoolStore> store = Optional.empty();
  private volatile Optional<Delivery> delivery = Optional.empty();
  private boolean started;

  /** Opens the store of a configuration. */
  interface Opening {
    SpoolStore open(ServerConfig config) throws OperatorException;
  }

  /**
   * Opens nothing yet.
   *
   * @param live the configuration in use; not before {@link #start}
   */
  SpoolDelivery(
      Opening opening,
      Supplier<LiveConfiguration> live,
      SessionRecords records,
      Schedule schedule) {
    this.opening = opening;
    this.live = live;
    this.records = records;
    this.schedule = schedule;
  }

  /** Opens the spool if this configuration is the first that needs it. */
  void open(ServerConfig config) throws OperatorException {
    boolean waits =
        config.database() == null && Files.exists(config.dataDirectory().resolve("spool.db"));
    if (store.isEmpty()
        && (waits || config.listeners().stream().flatMap(SpoolDelivery::spool).count() > 0)) {
      SpoolStore opened = opening.open(config);
      store = Optional.of(opened);
      SmtpTransport smtp = new SmtpTransport(this::way);
      Delivery made =
          new Delivery(
              opened,
              message -> smtp,
              this::rules,
              this::ended,
              ConfiguredNames.thisHost(),
              schedule,
              Clock.systemUTC());
      delivery = Optional.of(made);
      observe(made, records.metrics().meters());
    }
  }

  private void observe(Delivery made, Meters meters) {
    meters.gauge(
        MailMetricNames.SPOOL_MESSAGES,
        () -> made.totals().messages() - made.totals().held(),
        "waiting");
    meters.gauge(MailMetricNames.SPOOL_MESSAGES, () -> made.totals().held(), "held");
    meters.gauge(MailMetricNames.SPOOL_BYTES, () -> made.totals().bytes());
    meters.gauge(
        MailMetricNames.SPOOL_LIMIT,
        () ->
            config().listeners().stream()
                .flatMap(SpoolDelivery::spool)
                .mapToLong(MailConfig.Spool::maximumSize)
                .min()
                .orElse(0));
    meters.gauge(MailMetricNames.SPOOL_OLDEST, () -> age().toSeconds());
    for (Delivery.Outcome outcome : Delivery.Outcome.values()) {
      meters.counter(MailMetricNames.SPOOL_DELIVERIES, () -> made.count(outcome), outcome.label());
    }
  }

  /** Starts delivering, if the spool is open. The daemon has its first configuration now. */
  synchronized void start() {
    if (!started) {
      delivery.ifPresent(Delivery::start);
      started = delivery.isPresent();
    }
  }

  /** The spool; empty if no configuration has needed it. */
  Optional<SpoolStore> store() {
    return store;
  }

  /** Whether a message has waited for more than an hour. */
  boolean isLate() {
    return age().compareTo(LATE) > 0;
  }

  /** Until the store is there. */
  static SpoolStore absent(ServerConfig config) throws OperatorException {
    throw new OperatorException("mail.spool: this build has no store for waiting mail");
  }

  private Duration age() {
    return delivery
        .map(each -> each.totals().oldest())
        .map(oldest -> Duration.between(oldest, Instant.now()))
        .orElse(Duration.ZERO);
  }

  private ServerConfig config() {
    return live.get().current().config();
  }

  private static Stream<MailConfig.Spool> spool(ListenerConfig listener) {
    return Stream.ofNullable(listener.mail()).map(MailConfig::spool).filter(Objects::nonNull);
  }

  private Delivery.Rules rules(String listener) {
    return config().listeners().stream()
        .filter(each -> each.name().equals(listener))
        .flatMap(SpoolDelivery::spool)
        .findFirst()
        .map(spool -> new Delivery.Rules(spool.returnTo(), spool.keep()))
        .orElse(GONE);
  }

  private SmtpTransport.Way way(SpooledMessage message) {
    LiveConfiguration now = live.get();
    Generation generation = now.current();
    SignInGeneration signIn = generation.signIn();
    String mailbox = message.envelope().account();
    return new SmtpTransport.Way(
        now.proxy().upstream(),
        now.proxy().eventLoops().next(),
        generation.resolved().routes(),
        generation.resolved().listeners().stream()
            .filter(each -> each.name().equals(message.envelope().listener()))
            .findFirst()
            .orElse(null),
        signIn == null || mailbox.isEmpty() ? Optional.empty() : signIn.accountOf(mailbox));
  }

  private void ended(
      SpooledMessage message, MessageOutcome outcome, List<String> recipients, String reply) {
    MessageTrail trail = records.trail();
    if (trail != null) {
      trail.ended(
          message.id(),
          message.envelope().listener(),
          message.envelope().device(),
          message.envelope().account(),
          new MailMessage(
              message.envelope().sender(),
              recipients,
              recipients.size(),
              outcome == MessageOutcome.DELIVERED ? recipients.size() : 0,
              message.size(),
              Duration.between(message.accepted(), Instant.now()),
              outcome,
              null,
              ShortText.printable(reply, MailMessage.MAX_REPLY - 3),
              0));
    }
  }

  /** Claims no more messages, and waits for those that are being sent. */
  void drain(Duration limit) {
    delivery.ifPresent(each -> each.drain(limit));
  }

  /** Ends the delivery, which needs the proxy. */
  void stop() {
    delivery.ifPresent(Delivery::close);
  }

  /** Closes the spool, which the sessions need. */
  @Override
  public void close() {
    store.ifPresent(SpoolStore::close);
  }
}
