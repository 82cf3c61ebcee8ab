package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Resources;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.Postfix;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.testing.AtOnce;
import org.tlsuplift.server.testing.Postgres;

/**
 * Three instances that share a PostgreSQL, and many devices of TLS 1.0 that share a mailbox.
 * Postfix counts the sessions and the messages.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SeveralInstancesIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** Devices of one mailbox. */
  private record Crowd(String name, int first, int count) {
    String mailbox() {
      return name + "@" + Account.DOMAIN;
    }

    IntStream devices() {
      return IntStream.range(first, first + count);
    }

    Crowd part(int begin, int size) {
      return new Crowd(name, first + begin, size);
    }
  }

  private static final Crowd OFFICE = new Crowd("office", 0, 200);
  private static final Crowd HASTE = new Crowd("haste", 200, 30);

  private static Postgres postgres;
  private static PostOffice office;
  private static final List<Integer> ports = new ArrayList<>();
  private static final List<Daemon> instances = new ArrayList<>();
  private static Path trusted;

  @BeforeAll
  static void start() {
    CompletableFuture<Postgres> database = AtOnce.supply(() -> lab.add(Postgres.start()));
    CloudTenant tenant = CloudTenant.start(lab);
    office = tenant.office().mails();
    LocalLogins logins = LocalLogins.create();
    List<String> accounts = new ArrayList<>();
    for (Crowd crowd : List.of(OFFICE, HASTE)) {
      crowd
          .devices()
          .mapToObj(device -> logins.line(Postfix.address(device), crowd.mailbox(), ""))
          .forEach(accounts::add);
    }
    postgres = database.join();
    String yaml =
        tenant.yaml(
                tenant.bySecret(),
                accounts,
                MailListener.signingIn(
                    TlsForm.STARTTLS, office.origin(Mail.SMTP, TlsForm.STARTTLS)))
            + "database: {url: \"%s\", user: %s, passwordFile: \"%s\"}\n"
                .formatted(postgres.url(), postgres.user(), postgres.passwordFile());
    IntStream.range(0, 3)
        .mapToObj(number -> AtOnce.supply(() -> Daemon.start(lab, yaml)))
        .toList()
        .forEach(starting -> instances.add(starting.join()));
    instances.forEach(each -> ports.add(each.listener("smtp-starttls").getPort()));
    awaitTogether(3);
    trusted =
        lab.file(
            "authorities.pem",
            instances.stream().map(each -> read(each.authority())).collect(Collectors.joining()));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Test
  @Order(1)
  void aMailboxKeepsToItsMessagesPerMinuteOverAllInstances() throws Exception {
    awaitTogether(3);
    reload("messagesPerMinute: 6000", "messagesPerMinute: 20");
    try {
      Devices devices = Devices.start(HASTE, 0, ports);
      await("20 mails")
          .atMost(TIMEOUT)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> devices.received().size() >= 20);
      await("refused messages of the others")
          .atMost(TIMEOUT)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> refusals() >= HASTE.count - 20);
      devices.child.close();

      assertThat(devices.received()).hasSize(20);
      devices.received().forEach(device -> assertThat(mails(device)).isOne());
    } finally {
      reload("messagesPerMinute: 20", "messagesPerMinute: 6000");
    }
  }

  /** It ends with one instance. */
  @Test
  @Order(2)
  void aMailboxKeepsToItsSessionsAndLosesNothingWhenInstancesAndTheDatabaseAreKilled() {
    // One instance has all sessions when the database is killed, and devices wait at the others.
    Devices first = Devices.start(OFFICE.part(0, 3), 3, ports.subList(0, 1));
    awaitSessions(3);
    Devices devices = Devices.start(OFFICE.part(3, 47), 0, ports.subList(1, 3));
    awaitWaiting(1);
    awaitWaiting(2);
    postgres.kill();
    for (Daemon each : instances) {
      each.awaitOutput(0, "each of 3 instances keeps to its share of the limits of mailboxes");
      assertThat(each.metrics().sum("tlsuplift_instances_away")).isOne();
    }
    first.awaitServed();
    devices.awaitServed();
    assertThat(sessions().atOnce()).as("sessions at the same time").isBetween(2, 3);

    // Each instance has its share when the database is back, and reaches it at another time.
    int begun = sessions().all();
    first = Devices.start(OFFICE.part(50, 3), 6, ports);
    awaitSessions(begun + 3);
    devices = Devices.start(OFFICE.part(53, 50), 0, ports);
    postgres.startAgain();
    first.awaitServed();
    devices.awaitServed();
    awaitTogether(3);

    // The instance that has all sessions is killed. By their numbers its devices begin at its port.
    int before = sessions().all();
    int port = ports.get(2);
    first =
        Devices.start(
            OFFICE.part(103, 3), 60, List.of(port, port, port, ports.get(0), ports.get(1)));
    awaitSessions(before + 3);
    devices = Devices.start(OFFICE.part(106, 44), 0, ports.subList(0, 2));
    awaitWaiting(0);
    awaitWaiting(1);
    instances.remove(2).kill();
    await("its sessions are free")
        .atMost(Duration.ofSeconds(15))
        .until(() -> sessions().all() > before + 3);
    first.awaitServed();
    devices.awaitServed();
    awaitTogether(2);

    begun = sessions().all();
    devices = Devices.start(OFFICE.part(150, 50), 0, ports);
    awaitSessions(begun + 10);
    instances.remove(0).kill();
    postgres.kill();
    devices.awaitServed();
    postgres.startAgain();
    awaitTogether(1);
    assertThat(sessions().atOnce()).as("sessions at the same time").isBetween(2, 3);
  }

  /** A crowd that sends, one mail each. */
  private record Devices(Crowd crowd, Child child) {
    /**
     * Starts it.
     *
     * @param linger so many seconds takes the first mail of each
     * @param ports those of the instances that it uses
     */
    static Devices start(Crowd crowd, int linger, List<Integer> ports) {
      return new Devices(
          crowd,
          lab.add(
              Child.start(
                  new ProcessBuilder(
                      Peers.require("python3"),
                      Resources.path("swarm.py").toString(),
                      ports.stream().map(String::valueOf).collect(Collectors.joining(",")),
                      trusted.toString(),
                      Integer.toString(crowd.first),
                      Integer.toString(crowd.count),
                      LocalLogins.PASSWORD,
                      Long.toString(TIMEOUT.toSeconds()),
                      Integer.toString(linger)))));
    }

    /** Waits until all have sent their mail; each has arrived once. */
    void awaitServed() {
      assertThat(child.awaitExit(TIMEOUT)).as(child.toString()).isZero();
      // These cannot know whether their mail was taken when an instance was killed.
      var line = Pattern.compile("(?m)^doubtful: (.*)$").matcher(child.output());
      Set<String> doubtful = line.find() ? Set.of(line.group(1).split(" ")) : Set.of();
      assertThat(doubtful.size()).as(child.output()).isLessThanOrEqualTo(3);
      crowd
          .devices()
          .forEach(
              device ->
                  assertThat(mails(device))
                      .as("mails of device %s", device)
                      .isBetween(1, doubtful.contains(Integer.toString(device)) ? 2 : 1));
    }

    /** Those whose mail has arrived. */
    List<Integer> received() {
      return crowd
          .devices()
          .filter(device -> office.hasMail(new Account(Postfix.address(device), "")))
          .boxed()
          .toList();
    }
  }

  private static long refusals() {
    return instances.stream()
        .mapToLong(each -> each.metrics().sum("tlsuplift_message_refusals_total"))
        .sum();
  }

  private static UpstreamSessions sessions() {
    return UpstreamSessions.of(office.log(), OFFICE.mailbox());
  }

  private static void awaitSessions(int all) {
    await(all + " sessions at Postfix")
        .atMost(TIMEOUT)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> sessions().all() >= all);
  }

  private static void awaitWaiting(int number) {
    await("a device at instance " + number)
        .atMost(TIMEOUT)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> instances.get(number).metrics().sum("tlsuplift_mailbox_sessions") > 0);
  }

  private static int mails(int device) {
    return office.awaitMails(new Account(Postfix.address(device), ""), "mark" + device + ".");
  }

  /** Waits until so many instances know of each other. */
  private static void awaitTogether(int live) {
    await(live + " instances")
        .atMost(TIMEOUT)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () ->
                instances.stream()
                    .map(Daemon::metrics)
                    .allMatch(
                        each ->
                            each.sum("tlsuplift_instances") == live
                                && each.sum("tlsuplift_instances_away") == 0));
  }

  /** Changes the configuration of all instances while they run. */
  private static void reload(String before, String after) throws Exception {
    for (Daemon each : instances) {
      each.reload(yaml -> yaml.replace(before, after));
    }
  }
}
