package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.SignIn;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.signin.limits.MailboxLimiter;
import org.tlsuplift.proxy.signin.limits.MailboxLimits;
import org.tlsuplift.proxy.signin.limits.MailboxObserver;
import org.tlsuplift.proxy.testing.FaultyWire;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.RandomMailDevice;
import org.tlsuplift.proxy.testing.SignInDesk;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.testing.XoauthOrigin;

/**
 * No session leaves a registry entry, a mailbox permit or a socket behind, for any behaviour of its
 * device, its origin and its sign-in.
 *
 * <p>The seed is fixed; {@code -Duplift.seed} and {@code -Duplift.rounds} search further.
 */
@Timeout(600)
class SessionRemainsTest {
  private static final long SEED = Long.getLong("uplift.seed", 20261126);
  private static final int ROUNDS = Integer.getInteger("uplift.rounds", 1);

  /** After this, the proxy ends what a device or the wire has stalled. */
  private static final Duration STALLED = Duration.ofSeconds(1);

  /** Simultaneous devices: more than a mailbox has sessions. */
  private static final int DEVICES = 12;

  @AutoClose private final SignInRig rig = new SignInRig();
  private final SignInDesk desk = rig.desk;
  private final ListAppender<ILoggingEvent> warnings = new ListAppender<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(DEVICES);
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final MailboxLimiter limiter =
      new MailboxLimiter(
          new MailboxLimits(3, 1000, 3, Duration.ofMillis(300)),
          DeviceNetworks.DEFAULT,
          timer,
          MailboxObserver.NONE);

  @BeforeEach
  void listenToNetty() {
    rig.settings().limits = Uplift.limits(100, 100, STALLED, STALLED, STALLED);
    rig.settings().originHandshakeTimeout = STALLED;
    rig.settings().replyTimeout = STALLED;
    warnings.start();
    nettyLog().addAppender(warnings);
  }

  @AfterEach
  void end() {
    nettyLog().detachAppender(warnings);
    threads.shutdownNow();
    timer.shutdownNow();
  }

  private static Logger nettyLog() {
    return (Logger) LoggerFactory.getLogger("io.netty");
  }

  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void nothingIsLeftOfDevicesThatAreSignedIn(MailProtocol protocol) throws Exception {
    boolean smtp = protocol == MailProtocol.SMTP;
    desk.limiter = smtp ? limiter : null;
    search(protocol, desk.signIn(), smtp ? 3 * ROUNDS : ROUNDS);
  }

  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void nothingIsLeftOfDevicesThatSignInThemselves(MailProtocol protocol) throws Exception {
    search(protocol, null, ROUNDS);
  }

  private void search(MailProtocol protocol, @Nullable SignIn signIn, int rounds) throws Exception {
    Random random = new Random(SEED + protocol.name().hashCode());
    for (OriginTls tls : OriginTls.values()) {
      try (XoauthOrigin origin = new XoauthOrigin(protocol, tls, MailRig.SERVING);
          FaultyWire wire = new FaultyWire(origin.as("localhost"), random.nextLong());
          Uplift uplift =
              start(new MailService(protocol, DeviceTls.OPTIONAL, tls, true), wire, signIn)) {
        origin.answer = line -> answer(line, random.nextInt(12));
        int idle = uplift.channels();
        for (int round = 0; round < rounds; round++) {
          round(uplift, protocol, random.nextLong());
          assertNothingIsLeft(uplift, wire, idle, "seed " + SEED + ", round " + round + ", " + tls);
        }
        assertThat(signIn == null || isServedAtLast(uplift, protocol)).isTrue();
        assertThat(wire.accepted()).as("some devices came as far as the origin").isPositive();
        assertNothingIsLeft(uplift, wire, idle, "a good device, " + tls);
        assertThat(uplift.observer.closed)
            .as("no session ends by a fault of ours")
            .noneMatch(summary -> summary.reason() == CloseReason.INTERNAL_ERROR);
      }
    }
    assertThat(warnings.list)
        .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
        .isEmpty();
  }

  /** A device with the right password is signed in when the wire does not break. */
  private boolean isServedAtLast(Uplift uplift, MailProtocol protocol) {
    desk.tokenAnswer = null;
    desk.accountAnswer = null;
    desk.tokens.set(0, "good-token");
    String command = protocol == MailProtocol.IMAP ? "t AUTHENTICATE PLAIN " : "AUTH PLAIN ";
    for (int i = 0; i < 20; i++) {
      try (MailTalk device = rig.device(uplift, protocol, DeviceTls.IMPLICIT)) {
        String reply = device.ask(command + SignInDesk.plain(SignInDesk.PASSWORD));
        if (reply.matches("235 .*|t OK .*|\\+OK .*")) {
          return true;
        }
      } catch (IOException broken) {
        // The next device may have a better wire.
      }
    }
    return false;
  }

  private Uplift start(MailService mail, FaultyWire wire, @Nullable SignIn signIn) {
    rig.settings().signIn = signIn;
    rig.settings().mail = mail;
    rig.settings().fixed = List.of(wire.as("localhost"));
    return new Uplift(rig.settings(), MailRig.OWN, MailRig.ORIGINS);
  }

  private static String answer(String line, int chance) {
    return switch (chance) {
      case 0 -> "250 " + "long ".repeat(2000);
      case 1 -> "421 4.3.2 closing";
      case 2 -> "250-first\r\n250 second";
      case 3, 4, 5 -> "354 go ahead";
      default -> "250 heard " + line;
    };
  }

  private void changeSignIn(Random random) {
    desk.tokenAnswer =
        switch (random.nextInt(6)) {
          case 0 -> new TokenResult.Unavailable("the identity platform is unreachable");
          case 1 -> new TokenResult.Refused("no consent");
          default -> null;
        };
    desk.accountAnswer =
        random.nextInt(8) == 0 ? new AccountResult.Unavailable("too many guesses") : null;
    desk.tokens.set(0, random.nextInt(4) == 0 ? "stale-token" : "good-token");
  }

  private void round(Uplift uplift, MailProtocol protocol, long seed) throws Exception {
    Random random = new Random(seed);
    InetSocketAddress listener = uplift.fixed();
    List<Future<?>> devices = new ArrayList<>();
    for (int i = 0; i < DEVICES; i++) {
      Random own = new Random(random.nextLong());
      devices.add(
          threads.submit(
              () -> {
                changeSignIn(own);
                RandomMailDevice.run(listener, protocol, MailRig.TRUSTING, own);
              }));
    }
    for (Future<?> device : devices) {
      device.get(60, TimeUnit.SECONDS);
    }
  }

  private void assertNothingIsLeft(Uplift uplift, FaultyWire wire, int idle, String when) {
    await(when)
        .untilAsserted(
            () -> {
              assertThat(uplift.proxy().sessions()).as("sessions").isZero();
              assertThat(limiter.sessions()).as("places").isZero();
              assertThat(limiter.waiting()).as("waiting for places").isZero();
              assertThat(desk.permits).as("places of IMAP and POP3").hasValue(0);
              assertThat(wire.open()).as("connections to the origin").isZero();
              assertThat(uplift.channels()).as("channels").isLessThanOrEqualTo(idle + Uplift.LOOPS);
              assertThat(uplift.observer.closed)
                  .as("reports, one for each session")
                  .hasSize(uplift.observer.opened.get());
            });
  }
}
