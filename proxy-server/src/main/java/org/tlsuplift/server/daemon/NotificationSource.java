package org.tlsuplift.server.daemon;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.authority.ConfiguredNames;
import org.tlsuplift.server.config.NotifyConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.secret.PasswordFile;
import org.tlsuplift.server.daemon.watch.CriticalCounter;
import org.tlsuplift.server.feature.Condition;
import org.tlsuplift.server.feature.HasConditions;
import org.tlsuplift.server.http.HealthState;
import org.tlsuplift.server.https.Outgoing;
import org.tlsuplift.server.inventory.Acknowledgements.Kind;
import org.tlsuplift.server.inventory.Acknowledgements.Subject;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.notify.Delivery;
import org.tlsuplift.server.notify.MailDelivery;
import org.tlsuplift.server.notify.WebhookDelivery;
import org.tlsuplift.server.readiness.ConfigurationState;
import org.tlsuplift.server.readiness.ExpiringItem;

/**
 * The conditions that the daemon notifies, and the receivers of its current configuration. The
 * manual lists them (page monitoring).
 */
public final class NotificationSource {
  /** Same duration as TlsUpliftNoTokens in config/alerts.yml. */
  private static final Duration WITHOUT_TOKENS = Duration.ofMinutes(10);

  /** After the start, until the acknowledgements have been read. */
  private static final Duration WITHOUT_ACKNOWLEDGEMENTS = Duration.ofSeconds(30);

  private static final Duration INVENTORY_OUTAGE = Duration.ofMinutes(15);

  private final Supplier<Generation> current;
  private final SessionRecords records;
  private final HealthState health;
  private final Supplier<ConfigurationState> state;
  private final List<HasConditions> states;
  private final List<CriticalCounter.Growth> growths =
      CriticalCounter.ALL.stream().map(CriticalCounter.Growth::new).toList();

  /**
   * @param others that may stop serving devices
   */
  NotificationSource(
      Supplier<Generation> current,
      SessionRecords records,
      HealthState health,
      Supplier<ConfigurationState> state,
      HasConditions... others) {
    this.current = current;
    this.records = records;
    this.health = health;
    this.state = state;
    states = Stream.concat(Stream.of(this::ofDaemon), Stream.of(others)).toList();
  }

  /** The current configuration. */
  public ServerConfig config() {
    return current.get().config();
  }

  public ServerMetrics metrics() {
    return records.metrics();
  }

  /** The receivers of the current configuration; they follow its connection settings. */
  public List<Delivery> deliveries() {
    return deliveries(config(), () -> current.get().resolved().outgoing());
  }

  /** The receivers of a checked configuration, for a command. */
  public static List<Delivery> deliveries(ServerConfig config, ResolvedConfig resolved) {
    return deliveries(config, resolved::outgoing);
  }

  private static List<Delivery> deliveries(ServerConfig config, Supplier<Outgoing> outgoing) {
    List<Delivery> deliveries = new ArrayList<>();
    NotifyConfig notify = config.notifications();
    if (notify != null && notify.smtp() != null) {
      deliveries.add(mail(notify.smtp(), notify.smtp().to(), outgoing));
    }
    if (notify != null && notify.webhook() != null) {
      NotifyConfig.Webhook webhook = notify.webhook();
      deliveries.add(
          new WebhookDelivery(
              webhook.server(),
              webhook.target(),
              () -> PasswordFile.upstream(webhook.secretFile()),
              outgoing,
              Clock.systemUTC()));
    }
    return deliveries;
  }

  private static MailDelivery mail(
      NotifyConfig.Smtp smtp, List<String> to, Supplier<Outgoing> outgoing) {
    return new MailDelivery(
        new MailDelivery.Mail(smtp.server(), smtp.tls(), smtp.from(), to, smtp.user()),
        () -> PasswordFile.read(smtp.passwordFile()),
        outgoing);
  }

  /** Mails to an address through {@code notify.smtp} of a checked configuration. */
  static MailDelivery mail(NotifyConfig.Smtp smtp, ResolvedConfig resolved, String to) {
    return mail(smtp, List.of(to), resolved::outgoing);
  }

  /** The connection settings of the current configuration. */
  ResolvedConfig resolved() {
    return current.get().resolved();
  }

  @Nullable DeviceInventory inventory() {
    return records.inventory();
  }

  /** The host, as the pages show it. */
  public static String instance() {
    return ConfiguredNames.thisHost();
  }

  /**
   * The conditions that hold now. Reads the content of no file and asks no database. For one
   * thread, which calls it regularly.
   */
  public List<Condition> conditions() {
    Instant now = Instant.now();
    return Stream.concat(
            growths.stream()
                .filter(growth -> growth.hasGrown(records.metrics(), now))
                .map(growth -> growth.counter().condition()),
            states().stream())
        .toList();
  }

  /** The conditions that are states, and not numbers of events. For the health endpoints. */
  List<Condition> states() {
    return states.stream().flatMap(each -> each.conditions().stream()).toList();
  }

  private List<Condition> ofDaemon() {
    Generation generation = current.get();
    DeviceInventory inventory = records.inventory();
    SignInGeneration signIn = generation.signIn();
    return Stream.of(
            expiring(generation, inventory),
            signIn == null
                ? Stream.<Condition>empty()
                : signIn
                    .accesses()
                    .withoutTokens()
                    .map(tenant -> withoutTokens(tenant, generation.loaded().command("doctor"))),
            new Condition(
                    "event_loops_blocked",
                    "event loops do not respond; their sessions are stalled",
                    "restart the daemon, and report it with the log")
                .when(health.blockedLoops() > 0),
            new Condition(
                    "reload_refused",
                    "the latest reload was not applied; the configuration before stays in use",
                    "run '%s', correct the problems, and reload"
                        .formatted(generation.loaded().command("check")))
                .when(!state.get().problems().isEmpty()),
            new Condition(
                    "inventory_away",
                    "",
                    "the inventory cannot be written; records wait in memory",
                    "check the disk of dataDirectory, or the database in 'database.url'",
                    INVENTORY_OUTAGE)
                .when(inventory != null && inventory.isUnreachable()))
        .flatMap(each -> each)
        .toList();
  }

  private static Condition withoutTokens(String tenant, String doctor) {
    return new Condition(
        "no_tokens",
        tenant,
        "devices cannot sign in at Microsoft 365: mailboxes of tenant " + tenant + " have no token",
        "run '%s' on this machine; the log has the reply of the identity platform"
            .formatted(doctor),
        WITHOUT_TOKENS);
  }

  private static Stream<Condition> expiring(
      Generation current, @Nullable DeviceInventory inventory) {
    Instant now = Instant.now();
    return current.endings().stream()
        .filter(ending -> ending.isCritical(now))
        .map(Endings.Ending::item)
        .filter(item -> !isAcknowledged(item, inventory))
        .map(
            item ->
                new Condition(
                    "expires",
                    item.what(),
                    item.what()
                        + (item.at().isAfter(now) ? " expires on " : " expired on ")
                        + item.at(),
                    item.remedy(),
                    WITHOUT_ACKNOWLEDGEMENTS));
  }

  private static boolean isAcknowledged(ExpiringItem item, @Nullable DeviceInventory inventory) {
    return inventory != null
        && inventory
            .acknowledgements()
            .find(new Subject(Kind.EXPIRY, item.what(), item.at()))
            .isPresent();
  }
}
