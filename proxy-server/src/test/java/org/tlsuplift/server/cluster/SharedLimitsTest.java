package org.tlsuplift.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.signin.limits.MailboxLimiter;
import org.tlsuplift.proxy.signin.limits.MailboxLimits;
import org.tlsuplift.proxy.signin.limits.MailboxObserver;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.background.Schedules;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.testing.Postgres;

/** Three instances and their real database. */
@OneJdk
class SharedLimitsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final String MAILBOX = "scans@contoso.example";

  @AutoClose private static Postgres postgres;

  /** Reports each 50 ms. */
  @AutoClose private final Schedule often = Schedules.fast(20);

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final List<Member> members = new ArrayList<>();
  private final AtomicLong now = new AtomicLong();
  private final Set<String> silent = ConcurrentHashMap.newKeySet();
  private String schema = "";
  private DatabasePlace.PostgreSql place;
  private final AtomicReference<Runnable> duringReport = new AtomicReference<>(() -> {});
  private int maxEnded = EndedSessions.MAX;

  /** An instance with its limits. */
  private record Member(Instances instances, SharedLimits limits) {
    Permit session() {
      return limits.session(MAILBOX, MailProtocol.SMTP, InetAddress.getLoopbackAddress());
    }

    /** A session if one is free now: its device does not wait. */
    Permit sessionNow() {
      limits.limit(microsoft365(Duration.ZERO), DeviceNetworks.DEFAULT);
      try {
        return session();
      } finally {
        limits.limit(microsoft365(TIMEOUT), DeviceNetworks.DEFAULT);
      }
    }
  }

  @BeforeAll
  static void startDatabase() {
    postgres = Postgres.start();
  }

  @BeforeEach
  void makeSchema() {
    schema = postgres.newSchema();
    place = postgres.place(schema);
  }

  @AfterEach
  void end() {
    members.forEach(member -> member.instances.close());
    timer.shutdownNow();
  }

  private static MailboxLimits microsoft365(Duration timeout) {
    return new MailboxLimits(3, 30, 200, timeout);
  }

  private Member member(Duration timeout) {
    MailboxLimits limits = microsoft365(timeout);
    String name = "uplift" + (members.size() + 1);
    Instances instances = Instances.open(place, () -> report(name), now::get, maxEnded, often);
    MailboxLimiter own =
        new MailboxLimiter(limits, DeviceNetworks.DEFAULT, timer, MailboxObserver.NONE);
    Member member =
        new Member(instances, new SharedLimits(own, limits, DeviceNetworks.DEFAULT, instances));
    members.add(member);
    instances.start();
    return member;
  }

  private void threeMembers(Duration timeout) {
    for (int i = 0; i < 3; i++) {
      var unused = member(timeout);
    }
    await()
        .atMost(TIMEOUT)
        .until(() -> members.stream().allMatch(each -> each.instances.live() == 3));
    bringTogether();
  }

  /** Reaches the database, unless it is silent. */
  private InstanceReport report(String name) {
    if (silent.contains(name)) {
      throw new IllegalStateException("silent");
    }
    duringReport.getAndSet(() -> {}).run();
    return new InstanceReport(name, "1.0", 1, members.size(), "AB:CD", "12:34");
  }

  private void awaitUnreachable(boolean away) {
    await()
        .atMost(TIMEOUT)
        .until(() -> members.stream().allMatch(each -> each.instances.isUnreachable() == away));
  }

  /** Lets the time pass in which each keeps to its share. */
  private void bringTogether() {
    awaitUnreachable(false);
    now.addAndGet(ShareRule.RETURN_TIME.toNanos());
    await()
        .atMost(TIMEOUT)
        .until(() -> members.stream().allMatch(each -> each.instances.isTogether()));
  }

  private void killDatabase() {
    postgres.kill();
    awaitUnreachable(true);
  }

  /** Lets the time pass in which sessions from before may be open. */
  private void settle() {
    now.addAndGet(ShareRule.SETTLE_TIME.toNanos());
  }

  private static PermitResult answer(Permit permit) throws Exception {
    return permit.answer().toCompletableFuture().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void neverGivesMoreSessionsThanTheLimitOverAllInstances() throws Exception {
    threeMembers(TIMEOUT);
    AtomicInteger open = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<CompletableFuture<PermitResult>> all = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Permit permit = members.get(i % 3).session();
      all.add(
          permit
              .answer()
              .thenApply(
                  result -> {
                    most.accumulateAndGet(open.incrementAndGet(), Math::max);
                    var unused =
                        timer.schedule(
                            () -> {
                              open.decrementAndGet();
                              permit.end();
                            },
                            20,
                            TimeUnit.MILLISECONDS);
                    return result;
                  })
              .toCompletableFuture());
    }
    for (CompletableFuture<PermitResult> each : all) {
      assertThat(each.get(60, TimeUnit.SECONDS)).isInstanceOf(PermitResult.Given.class);
    }
    assertThat(most.get()).isBetween(2, 3);
  }

  @Test
  void refusesADeviceAfterItsMaximumWait() throws Exception {
    threeMembers(Duration.ofSeconds(1));
    for (Member member : members) {
      assertThat(answer(member.session())).isInstanceOf(PermitResult.Given.class);
    }
    assertThat(answer(members.get(1).session()).toString())
        .contains("3 sessions at all instances", "within 1 s");
  }

  @Test
  void countsTheMessagesOfAllInstances() throws Exception {
    threeMembers(Duration.ofSeconds(1));
    for (int i = 0; i < 30; i++) {
      assertThat(answer(members.get(i % 3).limits.message(MAILBOX)))
          .isInstanceOf(PermitResult.Given.class);
    }
    for (Member member : members) {
      assertThat(answer(member.limits.message(MAILBOX)).toString())
          .contains("30 messages per minute at all instances");
      assertThat(answer(member.limits.message("other@contoso.example")))
          .isInstanceOf(PermitResult.Given.class);
    }
  }

  /** Nothing says goodbye for it: its lease ends. */
  @Test
  void theSessionsOfAnInstanceThatDiedAreFreeAgain() throws Exception {
    try (Database database = Database.forLimits(place)) {
      InstanceStore died = new InstanceStore(database);
      died.migrate();
      assertThat(died.report(new InstanceReport("died", "1.0", 1, 3, "AB:CD", null), Map.of()))
          .isEqualTo(1);
      for (int i = 0; i < 3; i++) {
        assertThat(died.takeSession(UUID.randomUUID(), MAILBOX, 3)).isTrue();
      }
    }
    Member survivor = member(TIMEOUT);
    await().atMost(TIMEOUT).until(() -> survivor.instances.live() == 2);
    Permit waits = survivor.session();
    // As if these seconds had passed.
    postgres.ask(
        "UPDATE %s.uplift_instance SET seen = seen - interval '%d seconds' WHERE name = 'died'"
            .formatted(schema, InstanceStore.LEASE.toSeconds()));
    assertThat(answer(waits)).isInstanceOf(PermitResult.Given.class);
    await().atMost(TIMEOUT).until(() -> survivor.instances.live() == 1);
    assertThat(survivor.instances.known())
        .extracting(each -> each.report().name() + " " + each.live() + " " + each.self())
        .containsExactlyInAnyOrder("died false false", "uplift1 true true");
  }

  @Test
  void aSessionThatEndsDuringAReportIsFree() throws Exception {
    Member member = member(TIMEOUT);
    Permit permit = member.session();
    assertThat(answer(permit)).isInstanceOf(PermitResult.Given.class);
    CountDownLatch ended = new CountDownLatch(1);
    duringReport.set(
        () -> {
          permit.end();
          await().atMost(TIMEOUT).until(() -> sessions() == 0);
          ended.countDown();
        });
    assertThat(ended.await(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    CountDownLatch reported = new CountDownLatch(1);
    duringReport.set(reported::countDown);
    assertThat(reported.await(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(sessions()).isZero();
  }

  /** The sessions that the database counts. */
  private int sessions() {
    return Integer.parseInt(
        postgres.ask("SELECT count(*) FROM %s.uplift_mailbox_session".formatted(schema)));
  }

  @Test
  void withoutTheDatabaseEachInstanceKeepsToItsShare() throws Exception {
    threeMembers(TIMEOUT);
    Permit before = members.get(0).session();
    assertThat(answer(before)).isInstanceOf(PermitResult.Given.class);
    try {
      killDatabase();
      settle();
      assertThat(answer(members.get(0).sessionNow())).isInstanceOf(PermitResult.Busy.class);
      assertThat(answer(members.get(1).session())).isInstanceOf(PermitResult.Given.class);
      assertThat(answer(members.get(1).sessionNow())).isInstanceOf(PermitResult.Busy.class);
    } finally {
      postgres.startAgain();
    }
    bringTogether();
    // The sessions that were given meanwhile count for everybody.
    assertThat(answer(members.get(2).session())).isInstanceOf(PermitResult.Given.class);
    assertThat(answer(members.get(2).sessionNow())).isInstanceOf(PermitResult.Busy.class);
    before.end();
    assertThat(answer(members.get(2).session())).isInstanceOf(PermitResult.Given.class);
  }

  /** Only so many ended sessions are stored during an outage. */
  @Test
  void sessionsThatEndDuringALongOutageAreFreeAfterIt() throws Exception {
    maxEnded = 1;
    threeMembers(TIMEOUT);
    List<Permit> before = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      before.add(members.get(0).session());
      assertThat(answer(before.get(i))).isInstanceOf(PermitResult.Given.class);
    }
    try {
      killDatabase();
      before.subList(0, 2).forEach(Permit::end);
    } finally {
      postgres.startAgain();
    }
    bringTogether();
    assertThat(answer(members.get(1).session())).isInstanceOf(PermitResult.Given.class);
    assertThat(answer(members.get(2).session())).isInstanceOf(PermitResult.Given.class);
    // One session from before is still open.
    assertThat(answer(members.get(2).sessionNow())).isInstanceOf(PermitResult.Busy.class);
  }

  @Test
  void opensNoSessionWhileThoseFromBeforeTheOutageMayBeOpen() throws Exception {
    threeMembers(TIMEOUT);
    for (int i = 0; i < 3; i++) {
      assertThat(answer(members.get(0).session())).isInstanceOf(PermitResult.Given.class);
    }
    try {
      killDatabase();
      assertThat(answer(members.get(1).sessionNow())).isInstanceOf(PermitResult.Busy.class);
      settle();
      assertThat(answer(members.get(1).session())).isInstanceOf(PermitResult.Given.class);
    } finally {
      postgres.startAgain();
    }
  }

  @Test
  void reservesTheShareOfInstancesThatHaveNotReturned() throws Exception {
    threeMembers(TIMEOUT);
    List<Permit> others = new ArrayList<>();
    try {
      killDatabase();
      settle();
      for (int i = 1; i < 3; i++) {
        Permit permit = members.get(i).session();
        assertThat(answer(permit)).isInstanceOf(PermitResult.Given.class);
        others.add(permit);
      }
      silent.addAll(List.of("uplift2", "uplift3"));
    } finally {
      postgres.startAgain();
    }
    Member first = members.get(0);
    await().atMost(TIMEOUT).until(() -> !first.instances.isUnreachable());

    assertThat(answer(first.session())).isInstanceOf(PermitResult.Given.class);
    assertThat(answer(first.sessionNow())).isInstanceOf(PermitResult.Busy.class);
    silent.clear();
    bringTogether();
    assertThat(answer(first.sessionNow())).isInstanceOf(PermitResult.Busy.class);
    others.get(0).end();
    assertThat(answer(first.session())).isInstanceOf(PermitResult.Given.class);
  }

  @Test
  void messagesThatWereSentDuringAnOutageCountAfterIt() throws Exception {
    threeMembers(Duration.ofSeconds(1));
    try {
      killDatabase();
      for (int i = 0; i < 30; i++) {
        assertThat(answer(members.get(i % 3).limits.message(MAILBOX)))
            .isInstanceOf(PermitResult.Given.class);
      }
      assertThat(answer(members.get(0).limits.message(MAILBOX)))
          .isInstanceOf(PermitResult.Busy.class);
    } finally {
      postgres.startAgain();
    }
    bringTogether();
    for (Member member : members) {
      assertThat(answer(member.limits.message(MAILBOX)).toString())
          .contains("30 messages per minute at all instances");
    }
  }
}
