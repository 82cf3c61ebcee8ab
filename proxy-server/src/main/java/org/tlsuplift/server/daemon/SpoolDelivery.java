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
import org.tlsuplift.proxy.mail.MessageSpool.Envelope;
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
final class SpoolDelivery {
  /** For the notifications of a listener that no longer has a spool. */
  private static final Delivery.Rules GONE = new Delivery.Rules(null, Duration.ofDays(2));

  private final Supplier<LiveConfiguration> live;
  private final SessionRecords records;
  private final Schedule schedule;
  private volatile Optional<SpoolStore> store = Optional.empty();
  private volatile Optional<Delivery> delivery = Optional.empty();

  /**
   * Opens nothing yet.
   *
   * @param live the configuration in use; not before the delivery starts
   */
  SpoolDelivery(Supplier<LiveConfiguration> live, SessionRecords records, Schedule schedule) {
    this.live = live;
    this.records = records;
    this.schedule = schedule;
  }

  /**
   * Opens the spool if this configuration is the first that needs it.
   *
   * @return the delivery if it is new, so that it must be started
   */
  Optional<Delivery> open(ServerConfig config) throws OperatorException {
    boolean waits =
        config.database() == null && Files.exists(config.dataDirectory().resolve("spool.db"));
    if (store.isPresent() || (!waits && spools(config).findAny().isEmpty())) {
      return Optional.empty();
    }
    SpoolStore opened = store(config);
    store = Optional.of(opened);
    SmtpTransport smtp = new SmtpTransport(this::way);
    String host = ConfiguredNames.thisHost();
    Clock clock = Clock.systemUTC();
    Delivery made =
        new Delivery(opened, message -> smtp, this::rules, this::ended, host, schedule, clock);
    delivery = Optional.of(made);
    observe(made, records.metrics().meters());
    return delivery;
  }

  /** The integrator replaces this by the store. */
  private static SpoolStore store(ServerConfig config) throws OperatorException {
    throw new OperatorException("mail.spool: no store for " + config.dataDirectory());
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
            spools(live.get().current().config())
                .mapToLong(MailConfig.Spool::maximumSize)
                .min()
                .orElse(0));
    meters.gauge(MailMetricNames.SPOOL_OLDEST, () -> age().toSeconds());
    for (Delivery.Outcome outcome : Delivery.Outcome.values()) {
      meters.counter(MailMetricNames.SPOOL_DELIVERIES, () -> made.count(outcome), outcome.label());
    }
  }

  /** The spool, which sessions need; empty if no configuration has needed it. */
  Optional<SpoolStore> store() {
    return store;
  }

  /** The delivery, which needs the proxy; empty without a spool. */
  Optional<Delivery> delivery() {
    return delivery;
  }

  /** Whether a message has waited for more than an hour, as TlsUpliftMailWaits in alerts.yml. */
  boolean isLate() {
    return age().toMinutes() >= 60;
  }

  private Duration age() {
    return delivery
        .map(each -> each.totals().oldest())
        .map(oldest -> Duration.between(oldest, Instant.now()))
        .orElse(Duration.ZERO);
  }

  private static Stream<MailConfig.Spool> spools(ServerConfig config) {
    return config.listeners().stream().flatMap(SpoolDelivery::spool);
  }

  private static Stream<MailConfig.Spool> spool(ListenerConfig listener) {
    return Stream.ofNullable(listener.mail()).map(MailConfig::spool).filter(Objects::nonNull);
  }

  private Delivery.Rules rules(String name) {
    return live.get().current().config().listeners().stream()
        .filter(each -> each.name().equals(name))
        .flatMap(SpoolDelivery::spool)
        .map(spool -> new Delivery.Rules(spool.returnTo(), spool.keep()))
        .findFirst()
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
    Envelope envelope = message.envelope();
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
