package org.tlsuplift.server.daemon;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
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
import org.tlsuplift.proxy.spool.MessageSpool;
import org.tlsuplift.proxy.spool.SpoolDestination;
import org.tlsuplift.server.authority.ConfiguredNames;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.config.DatabaseConfig;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.MailConfig;
import org.tlsuplift.server.config.MailConfig.Spool.When;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.feature.Condition;
import org.tlsuplift.server.inventory.messages.MessageTrail;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.mail.Transport;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.metrics.MailMetricNames;
import org.tlsuplift.server.metrics.Meters;
import org.tlsuplift.server.spool.Delivery;
import org.tlsuplift.server.spool.SmtpTransport;
import org.tlsuplift.server.spool.SpoolException;
import org.tlsuplift.server.spool.SpoolStore;
import org.tlsuplift.server.spool.WaitingMail;

/**
 * The spool of the daemon and its delivery. They exist from the first configuration that needs them
 * until the daemon stops. Each attempt uses the configuration of its time.
 */
final class SpoolDelivery implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SpoolDelivery.class);

  /** For the notifications of a listener that no longer has a spool. */
  private static final Duration GONE = Duration.ofDays(2);

  private static final Duration OUTAGE = Duration.ofMinutes(1);

  private final Supplier<LiveConfiguration> live;
  private final SessionRecords records;
  private final Schedule schedule;
  private final String host = ConfiguredNames.thisHost();
  private volatile Optional<SpoolStore> store = Optional.empty();
  private volatile Optional<Delivery> delivery = Optional.empty();
  private volatile Optional<SmtpTransport> smtp = Optional.empty();
  private boolean started;

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

  /** Opens the spool if this configuration is the first that needs it. */
  synchronized void open(ServerConfig config) throws OperatorException {
    boolean waits = config.database() == null && SpoolSource.exists(config);
    if (store.isEmpty() && (waits || config.spools().findAny().isPresent())) {
      make(config);
    }
  }

  /** Starts delivering, if the spool is open. Called again, it does nothing. */
  synchronized void start() {
    if (!started) {
      delivery.ifPresent(Delivery::start);
      started = delivery.isPresent();
    }
  }

  /**
   * Opens the spool and delivers if messages of an earlier configuration wait in the database.
   * Blocks, and does nothing if the database is unreachable.
   */
  synchronized void deliverEarlier(ServerConfig config) {
    DatabaseConfig database = config.database();
    if (store.isPresent() || database == null || database.keyFile() == null) {
      return;
    }
    try (SpoolStore earlier = SpoolSource.open(config)) {
      if (earlier.totals().messages() > 0) {
        make(config);
        start();
      }
    } catch (OperatorException | SpoolException none) {
      log.debug("the database has no spool, or is unreachable", none);
    }
  }

  private void make(ServerConfig config) throws OperatorException {
    Clock clock = Clock.systemUTC();
    SpoolStore opened = SpoolSource.ofDaemon(config, clock);
    SpoolSource.warning(config).ifPresent(log::warn);
    String refusal = SpoolSource.refusal(config);
    if (!refusal.isEmpty()) {
      log.warn("the spool refuses new mail, and delivers what waits: {}", refusal);
    }
    store = Optional.of(opened);
    SmtpTransport transport = new SmtpTransport(this::way, Duration.ofSeconds(1));
    smtp = Optional.of(transport);
    Delivery made =
        new Delivery(
            opened,
            message -> transport(message, transport),
            this::rules,
            this::ended,
            host,
            schedule,
            clock);
    delivery = Optional.of(made);
    records.metrics().meters().counter(MailMetricNames.SPOOL_REFUSED, opened::refused);
    observe(made, records.metrics().meters());
  }

  /** Gives the listeners of this configuration, for which it was opened, their spools. */
  ResolvedConfig into(ServerConfig config, ResolvedConfig resolved) {
    Map<String, MessageSpool> spools = new HashMap<>();
    for (ListenerConfig listener : config.listeners()) {
      MailConfig.Spool spool = listener.spool();
      if (spool != null) {
        boolean always = spool.when() == When.ALWAYS;
        spools.put(
            listener.name(),
            store.orElseThrow().intake(always, spool.keep(), spool.maximumSize(), host));
      }
    }
    return resolved.with(
        listener -> {
          MessageSpool spool = spools.get(listener.name());
          return spool == null
              ? listener
              : listener.with(listener.mail().sendingTo(new SpoolDestination(spool)));
        });
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
        () -> config().spools().mapToLong(MailConfig.Spool::maximumSize).min().orElse(0));
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

  /** Ends the delivery. The store stays open for sessions. */
  @Override
  public void close() {
    delivery.ifPresent(Delivery::close);
    smtp.ifPresent(SmtpTransport::close);
  }

  /** Whether the database of the spool, or its key, is missing. */
  private boolean isFailing() {
    return delivery.map(Delivery::isFailing).orElse(false);
  }

  /** Why the spool refuses new mail; empty if it keeps it, or if there is none. */
  private String closed() {
    return delivery.map(Delivery::closed).orElse("");
  }

  /** What does not work, for the health endpoints; empty if all does. */
  String problem() {
    String closed = closed();
    return isFailing()
        ? "the spool does not work: no waiting mail leaves, see the log for the cause"
        : closed.isEmpty() ? "" : "the spool refuses new mail: " + closed;
  }

  /** The conditions that hold now. Fast. */
  List<Condition> conditions() {
    Instant recent = Instant.now().minus(WaitingMail.LATE);
    List<Condition> conditions = new ArrayList<>();
    if (age().compareTo(WaitingMail.LATE) > 0) {
      conditions.add(
          new Condition(
              "mail_waits",
              "mail has waited for delivery for more than an hour",
              "run 'tls-uplift spool list': it has the last reply and what to do"));
    }
    if (!closed().isEmpty()) {
      conditions.add(
          new Condition(
              "spool_closed",
              "the spool refuses new mail, and devices get 452: " + closed(),
              "run 'tls-uplift doctor': it has the cause and the remedy"));
    }
    if (delivery.filter(each -> each.lastReturned().isAfter(recent)).isPresent()) {
      conditions.add(
          new Condition(
              "mail_returned",
              "mail could not be delivered in the last hour",
              "see the page Messages: it has the recipients, and the reply with what to do"));
    }
    if (isFailing()) {
      conditions.add(
          new Condition(
              "spool_away",
              "",
              "the spool cannot be read, so no waiting mail leaves",
              "the log has the cause, such as a missing key or database: restore it",
              OUTAGE));
    }
    return conditions;
  }

  private Duration age() {
    return delivery
        .map(each -> each.totals().oldest())
        .map(oldest -> Duration.between(oldest, Instant.now()))
        // The clock may have been ahead.
        .filter(age -> !age.isNegative())
        .orElse(Duration.ZERO);
  }

  private ServerConfig config() {
    return live.get().current().config();
  }

  private Delivery.Rules rules(OutgoingMessage message) {
    MessageEnvelope of = message.envelope();
    boolean signsIn = !of.account().isEmpty();
    Optional<ListenerSpec> by =
        listener(each -> each.name().equals(of.listener()))
            .or(() -> listener(each -> (each.mail().signIn() != null) == signsIn));
    if (by.isEmpty() && smtp.filter(only -> transport(message, only) == only).isPresent()) {
      // A notification would wait for nothing; the log says that nobody gets one.
      return new Delivery.Rules("", GONE, of.listener());
    }
    String name = by.map(ListenerSpec::name).orElse(of.listener());
    return config().listeners().stream()
        .filter(each -> each.name().equals(name))
        .flatMap(each -> Stream.ofNullable(each.spool()))
        .map(spool -> new Delivery.Rules(spool.returnTo(), spool.keep(), name))
        .findFirst()
        .orElse(new Delivery.Rules(null, GONE, name));
  }

  /** A listener through whose origin messages can leave. */
  private Optional<ListenerSpec> listener(Predicate<ListenerSpec> which) {
    return live.get().current().resolved().listeners().stream()
        .filter(
            each ->
                each.mail().service() != null
                    && each.mail().service().protocol() == MailProtocol.SMTP)
        .filter(each -> each.accept() instanceof AcceptMode.Fixed)
        .filter(which)
        .findFirst();
  }

  private Transport transport(OutgoingMessage message, Transport bySmtp) {
    SignInGeneration signIn = live.get().current().signIn();
    return signIn == null ? bySmtp : signIn.transport(message, bySmtp, records.originOutages());
  }

  private SmtpTransport.Way way(OutgoingMessage message) {
    LiveConfiguration now = live.get();
    Generation generation = now.current();
    SignInGeneration signIn = generation.signIn();
    String mailbox = message.envelope().account();
    return new SmtpTransport.Way(
        now.proxy().upstream(),
        now.proxy().eventLoops().next(),
        generation.resolved().routes(),
        listener(each -> each.name().equals(message.envelope().listener())).orElse(null),
        records.originOutages(),
        now.proxy().learntCapabilities(),
        signIn == null || mailbox.isEmpty() ? Optional.empty() : signIn.accountOf(mailbox));
  }

  private void ended(
      OutgoingMessage message, MessageOutcome outcome, List<String> recipients, String reply) {
    MessageTrail trail = records.trail();
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
