package org.tlsuplift.proxy.signin.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;

/** The queues for sessions and for messages: their order, their limits and their end. */
class MailboxLimiterTest {
  private static final String SCANS = "scans@contoso.example";
  private static final InetAddress ONE = InetAddress.getLoopbackAddress();

  private final EmbeddedChannel clock = new EmbeddedChannel();
  private final List<String> told = new ArrayList<>();
  private final List<String> observed = new ArrayList<>();
  private long now;

  private final MailboxObserver observer =
      new MailboxObserver() {
        @Override
        public void given(Queue line, Duration waited) {
          observed.add(line.label() + " after " + waited.toSeconds());
        }

        @Override
        public void refused(Queue line, Cause cause) {
          observed.add(line.label() + " " + cause.label());
        }
      };

  @BeforeEach
  void stopTheClock() {
    clock.freezeTime();
  }

  @AfterEach
  void close() {
    clock.finishAndReleaseAll();
  }

  @Test
  void admitsAsManySessionsAsTheMailboxMayHave() {
    MailboxLimiter limiter = limiter(new MailboxLimits(3, 30, 200, Duration.ofSeconds(25)));
    enter(limiter, "a");
    enter(limiter, "b");
    enter(limiter, "c");
    enter(limiter, "d");
    assertThat(told).containsExactly("a admitted", "b admitted", "c admitted");
    assertThat(limiter.sessions()).isEqualTo(3);
    assertThat(limiter.waiting()).isEqualTo(1);
  }

  @Test
  void admitsInTheOrderOfArrival() {
    MailboxLimiter limiter = limiter(new MailboxLimits(1, 30, 200, Duration.ofSeconds(25)));
    Permit first = enter(limiter, "a");
    Permit second = enter(limiter, "b");
    enter(limiter, "c");
    end(first);
    end(second);
    assertThat(told).containsExactly("a admitted", "b admitted", "c admitted");
  }

  @Test
  void openSessionsCountUnderOtherLimits() {
    MailboxLimiter limiter = limiter(new MailboxLimits(1, 1, 200, Duration.ofSeconds(25)));
    Permit first = enter(limiter, "a");
    enter(limiter, "b");
    message(limiter, "first");
    message(limiter, "second");

    limiter.limit(new MailboxLimits(2, 2, 200, Duration.ofSeconds(25)), DeviceNetworks.DEFAULT);

    assertThat(told)
        .containsExactly("a admitted", "first admitted", "b admitted", "second admitted");
    limiter.limit(new MailboxLimits(1, 2, 200, Duration.ofSeconds(25)), DeviceNetworks.DEFAULT);
    enter(limiter, "c");
    end(first);
    assertThat(told).as("b still has the only session").doesNotContain("c admitted");
  }

  @Test
  void admitsDevicesWithFewerSessionsFirst() throws Exception {
    MailboxLimiter limiter = limiter(new MailboxLimits(2, 30, 200, Duration.ofSeconds(25)));
    Permit first = enter(limiter, "2001:db8::1", "a1");
    Permit second = enter(limiter, "2001:db8::2", "a2");
    enter(limiter, "2001:db8::3", "a3");
    enter(limiter, "2001:db8::4", "a4");
    Permit other = enter(limiter, "10.0.0.1", "b1");
    Permit another = enter(limiter, "10.0.0.1", "b2");
    end(first);
    assertThat(told).as("b has none").endsWith("b1 admitted");
    end(other);
    assertThat(told).as("b has none again").endsWith("b2 admitted");
    end(second);
    end(another);
    assertThat(told).endsWith("b2 admitted", "a3 admitted", "a4 admitted");
    assertThat(limiter.sessions()).isEqualTo(2);
  }

  @Test
  void fullQueueDropsTheDeviceWithMostPlaces() throws Exception {
    MailboxLimiter limiter = limiter(new MailboxLimits(1, 30, 3, Duration.ofSeconds(25)));
    enter(limiter, "2001:db8::1", "a1");
    enter(limiter, "2001:db8::1", "a2");
    enter(limiter, "2001:db8::2", "a3");
    enter(limiter, "2001:db8::3", "a4");
    enter(limiter, "10.0.0.1", "b1");
    assertThat(told)
        .containsExactly(
            "a1 admitted",
            "a4 busy: this mailbox already has its 1 sessions, and 3 devices are already waiting");
    enter(limiter, "2001:db8::4", "a5");
    assertThat(told).last().asString().startsWith("a5 busy");
    assertThat(limiter.waiting()).isEqualTo(3);
    pass(Duration.ofSeconds(25));
    assertThat(limiter.waiting()).isZero();
    assertThat(told).as("each gets one result").hasSize(6);
  }

  private Permit enter(MailboxLimiter limiter, String device, String name) throws Exception {
    return follow(limiter.session(SCANS, MailProtocol.SMTP, InetAddress.getByName(device)), name);
  }

  @Test
  void skipsDevicesThatGaveUp() {
    MailboxLimiter limiter = limiter(new MailboxLimits(1, 30, 200, Duration.ofSeconds(25)));
    Permit first = enter(limiter, "a");
    Permit second = enter(limiter, "b");
    enter(limiter, "c");
    end(second);
    end(first);
    assertThat(told).containsExactly("a admitted", "c admitted");
    assertThat(limiter.waiting()).isZero();
  }

  @Test
  void leavingTwiceFreesOnePlace() {
    MailboxLimiter limiter = limiter(new MailboxLimits(1, 30, 200, Duration.ofSeconds(25)));
    Permit first = enter(limiter, "a");
    enter(limiter, "b");
    enter(limiter, "c");
    end(first);
    end(first);
    assertThat(told).containsExactly("a admitted", "b admitted");
    assertThat(limiter.sessions()).isEqualTo(1);
  }

  @Test
  void refusesASessionAfterALongWait() {
    MailboxLimiter limiter = limiter(new MailboxLimits(1, 30, 200, Duration.ofSeconds(25)));
    enter(limiter, "a");
    Permit late = enter(limiter, "b");
    pass(Duration.ofSeconds(24));
    assertThat(told).containsExactly("a admitted");
    pass(Duration.ofSeconds(1));
    assertThat(told)
        .containsExactly(
            "a admitted",
            "b busy: this mailbox already has its 1 sessions, and none was free within 25 s");
    assertThat(limiter.waiting()).isZero();
    end(late);
    assertThat(limiter.sessions()).isEqualTo(1);
    assertThat(observed).containsExactly("session after 0", "session wait");
  }

  @Test
  void refusesASessionIfTheQueueIsFull() {
    MailboxLimiter limiter = limiter(new MailboxLimits(1, 30, 1, Duration.ofSeconds(25)));
    Permit first = enter(limiter, "a");
    enter(limiter, "b");
    end(enter(limiter, "c"));
    end(first);
    assertThat(told)
        .containsExactly(
            "a admitted",
            "c busy: this mailbox already has its 1 sessions, and 1 devices are already waiting",
            "b admitted");
    assertThat(observed).contains("session line_full");
  }

  @Test
  void oneMailboxDoesNotWaitForAnother() {
    MailboxLimiter limiter = limiter(new MailboxLimits(1, 30, 200, Duration.ofSeconds(25)));
    enter(limiter, "a");
    follow(limiter.session("door@contoso.example", MailProtocol.SMTP, ONE), "b");
    follow(limiter.session("SCANS@Contoso.Example", MailProtocol.SMTP, ONE), "c");
    assertThat(told).containsExactly("a admitted", "b admitted");
  }

  @Test
  void spreadsMessagesOverAMovingMinute() {
    MailboxLimiter limiter = limiter(new MailboxLimits(3, 2, 200, Duration.ofMinutes(2)));
    message(limiter, "a1");
    pass(Duration.ofSeconds(20));
    message(limiter, "a2");
    message(limiter, "a3");
    message(limiter, "b1");
    assertThat(told).endsWith("a1 admitted", "a2 admitted").hasSize(2);
    pass(Duration.ofSeconds(39));
    assertThat(told).hasSize(2);
    pass(Duration.ofSeconds(1));
    assertThat(told).endsWith("a3 admitted").hasSize(3);
    pass(Duration.ofSeconds(20));
    assertThat(told).endsWith("b1 admitted").hasSize(4);
    assertThat(observed).endsWith("message after 40", "message after 60");
  }

  @Test
  void refusesAMessageAfterALongWaitAndAdmitsItLater() {
    MailboxLimiter limiter = limiter(new MailboxLimits(3, 1, 200, Duration.ofSeconds(25)));
    message(limiter, "a1");
    message(limiter, "a2");
    pass(Duration.ofSeconds(25));
    assertThat(told)
        .endsWith(
            "a2 busy: this mailbox has sent its 1 messages per minute, and none was free within 25"
                + " s");
    message(limiter, "a3");
    pass(Duration.ofSeconds(25));
    message(limiter, "a4");
    pass(Duration.ofSeconds(10));
    assertThat(told).endsWith("a4 admitted");
    assertThat(observed.stream().filter("message wait"::equals)).hasSize(2);
  }

  @Test
  void aCancelledMessageDoesNotDelayTheNext() {
    MailboxLimiter limiter = limiter(new MailboxLimits(3, 1, 200, Duration.ofSeconds(100)));
    message(limiter, "a1");
    Permit second = message(limiter, "a2");
    message(limiter, "b1");
    end(second);
    pass(Duration.ofMinutes(1));
    assertThat(told).containsExactly("a1 admitted", "b1 admitted");
    assertThat(limiter.waiting()).isZero();
  }

  @Test
  void countsEveryAdmittedMessage() {
    MailboxLimiter limiter = limiter(new MailboxLimits(3, 1, 200, Duration.ofSeconds(25)));
    end(message(limiter, "a1"));
    message(limiter, "a2");
    assertThat(told).containsExactly("a1 admitted");
  }

  @Test
  void imapAndPop3DoNotWait() {
    MailboxLimiter limiter = limiter(new MailboxLimits(1, 30, 0, Duration.ofSeconds(25)));
    for (MailProtocol protocol : List.of(MailProtocol.IMAP, MailProtocol.POP3)) {
      for (int i = 0; i < 20; i++) {
        follow(limiter.session(SCANS, protocol, ONE), protocol.label());
      }
    }
    assertThat(told).hasSize(40).allMatch(line -> line.endsWith(" admitted"));
    assertThat(limiter.sessions()).isZero();
    assertThat(limiter.remembered()).isZero();
  }

  @Test
  void forgetsAMailboxAMinuteAfterItsLastMessage() {
    MailboxLimiter limiter = limiter(new MailboxLimits(3, 30, 200, Duration.ofSeconds(25)));
    end(enter(limiter, "a"));
    assertThat(limiter.remembered()).isZero();
    Permit seat = enter(limiter, "b");
    message(limiter, "b1");
    end(seat);
    end(enter(limiter, "c"));
    pass(Duration.ofSeconds(59));
    assertThat(limiter.remembered()).isEqualTo(1);
    pass(Duration.ofSeconds(1));
    assertThat(limiter.remembered()).isZero();
  }

  @Test
  void refusesLimitsThatCannotBeKept() {
    assertThatThrownBy(() -> new MailboxLimits(0, 30, 200, Duration.ofSeconds(25)))
        .hasMessageContaining("expected at least 1, 1 and 0");
    assertThatThrownBy(() -> new MailboxLimits(3, 30, 200, Duration.ofMinutes(3)))
        .hasMessageContaining("PT2M");
  }

  @Test
  void twoHundredDevicesOnManyThreadsShareThreeSessions() throws Exception {
    ScheduledExecutorService threads = Executors.newScheduledThreadPool(4);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch served = new CountDownLatch(200);
    MailboxLimiter limiter =
        new MailboxLimiter(
            new MailboxLimits(3, 1000, 200, Duration.ofSeconds(100)),
            DeviceNetworks.DEFAULT,
            threads,
            MailboxObserver.NONE);
    try {
      for (int i = 0; i < 200; i++) {
        threads.execute(() -> visit(limiter, threads, inside, most, served));
      }
      assertThat(served.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(most).hasValue(3);
      assertThat(limiter.sessions()).isZero();
      assertThat(limiter.waiting()).isZero();
    } finally {
      threads.shutdownNow();
    }
  }

  /** Gets a session, sends one message for a millisecond, and ends the session. */
  private static void visit(
      MailboxLimiter limiter,
      ScheduledExecutorService threads,
      AtomicInteger inside,
      AtomicInteger most,
      CountDownLatch served) {
    Permit session = limiter.session(SCANS, MailProtocol.SMTP, ONE);
    var unused =
        session
            .answer()
            .thenCompose(
                given -> {
                  assertThat(given).isEqualTo(new PermitResult.Given());
                  most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                  return limiter.message(SCANS).answer();
                })
            .thenAccept(
                given -> {
                  var unusedLeave =
                      threads.schedule(
                          () -> {
                            inside.decrementAndGet();
                            session.end();
                            served.countDown();
                          },
                          1,
                          TimeUnit.MILLISECONDS);
                });
  }

  private MailboxLimiter limiter(MailboxLimits limits) {
    return new MailboxLimiter(
        limits, DeviceNetworks.DEFAULT, clock.eventLoop(), observer, () -> now);
  }

  private Permit enter(MailboxLimiter limiter, String name) {
    return follow(limiter.session(SCANS, MailProtocol.SMTP, ONE), name);
  }

  private Permit message(MailboxLimiter limiter, String name) {
    return follow(limiter.message(SCANS), name);
  }

  private Permit follow(Permit permit, String name) {
    var unused =
        permit
            .answer()
            .thenAccept(
                answer ->
                    told.add(
                        answer instanceof PermitResult.Busy busy
                            ? name + " busy: " + busy.why()
                            : name + " admitted"));
    return permit;
  }

  private static void end(Permit permit) {
    permit.end();
  }

  private void pass(Duration time) {
    now += time.toNanos();
    clock.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
    clock.runScheduledPendingTasks();
    clock.runPendingTasks();
  }
}
