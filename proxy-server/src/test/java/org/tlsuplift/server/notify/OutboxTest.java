package org.tlsuplift.server.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.testing.SettableClock;
import org.tlsuplift.server.feature.Condition;
import org.tlsuplift.server.notify.Delivery.Channel;
import org.tlsuplift.server.notify.Notification.Event;
import org.tlsuplift.server.notify.NotificationCounts.Outcome;

/** Notifications wait, are tried again, and are bounded in number and time. */
class OutboxTest {
  private static final Instant START = Instant.parse("2026-11-27T10:00:00Z");

  private final SettableClock clock = new SettableClock(START);
  private final NotificationCounts counts = new NotificationCounts();
  private final List<String> delivered = new ArrayList<>();
  private boolean refuses;

  private final Delivery receiver =
      new Delivery() {
        @Override
        public Channel channel() {
          return Channel.SMTP;
        }

        @Override
        public String target() {
          return "the test";
        }

        @Override
        public void send(Notification notification) throws OperatorException {
          if (refuses) {
            throw new OperatorException("451 4.7.1 try again later");
          }
          if (notification.condition().subject().equals("poison")) {
            throw new StackOverflowError();
          }
          delivered.add(notification.event() + " " + notification.condition().subject());
        }
      };

  private Outbox outbox(int maxPerHour) {
    return new Outbox(receiver, maxPerHour, counts, clock);
  }

  private Notification of(Event event, String subject) {
    Instant now = clock.instant();
    return Notification.of(
        event, new Condition("expires", subject, "s", "r", Duration.ZERO), "host", now, now);
  }

  private long count(Outcome outcome) {
    return counts.of(Channel.SMTP, outcome);
  }

  @Test
  void sendsInOrderAndCounts() {
    Outbox outbox = outbox(20);
    outbox.add(of(Event.STARTED, "a"));
    outbox.add(of(Event.STARTED, "b"));
    outbox.deliver();
    outbox.add(of(Event.ENDED, "a"));
    outbox.deliver();

    assertThat(delivered).containsExactly("STARTED a", "STARTED b", "ENDED a");
    assertThat(count(Outcome.SENT)).isEqualTo(3);
  }

  @Test
  void triesAgainWithLongerPausesAndGivesUpAfterAnHour() {
    refuses = true;
    Outbox outbox = outbox(20);
    outbox.add(of(Event.STARTED, "a"));

    outbox.deliver();
    outbox.deliver();
    assertThat(count(Outcome.RETRIED)).as("not before the pause is over").isEqualTo(1);
    clock.advance(Duration.ofSeconds(5));
    outbox.deliver();
    clock.advance(Duration.ofSeconds(5));
    outbox.deliver();
    assertThat(count(Outcome.RETRIED)).as("the second pause is longer").isEqualTo(2);

    for (int second = 0; second < 3700; second++) {
      clock.advance(Duration.ofSeconds(1));
      outbox.deliver();
    }
    assertThat(count(Outcome.FAILED)).isEqualTo(1);
    assertThat(count(Outcome.RETRIED)).as("pauses grow to 5 minutes").isBetween(10L, 20L);
    refuses = false;
    clock.advance(Duration.ofMinutes(5));
    outbox.deliver();
    assertThat(delivered).as("it was given up").isEmpty();
  }

  @Test
  void sendsWaitingMessagesOnceTheReceiverAcceptsAgain() {
    refuses = true;
    Outbox outbox = outbox(20);
    outbox.add(of(Event.STARTED, "a"));
    outbox.deliver();
    refuses = false;
    clock.advance(Duration.ofSeconds(5));
    outbox.deliver();

    assertThat(delivered).containsExactly("STARTED a");
  }

  @Test
  void givesUpAMessageThatCausesAnError() {
    Outbox outbox = outbox(20);
    outbox.add(of(Event.STARTED, "poison"));
    outbox.add(of(Event.STARTED, "a"));
    outbox.deliver();
    clock.advance(Duration.ofHours(2));
    outbox.deliver();
    clock.advance(Duration.ofHours(1));
    outbox.deliver();

    assertThat(delivered).containsExactly("STARTED a");
    assertThat(count(Outcome.FAILED)).isEqualTo(1);
  }

  @Test
  void limitsMessagesPerHour() {
    Outbox outbox = outbox(2);
    for (String subject : List.of("a", "b", "c")) {
      outbox.add(of(Event.STARTED, subject));
    }
    outbox.deliver();
    clock.advance(Duration.ofMinutes(59));
    outbox.deliver();
    assertThat(delivered).hasSize(2);

    clock.advance(Duration.ofMinutes(1));
    outbox.deliver();
    assertThat(delivered).containsExactly("STARTED a", "STARTED b", "STARTED c");
  }

  @Test
  void dropsAndCountsMessagesBeyondItsBound() {
    Outbox outbox = outbox(1);
    for (int i = 0; i < Outbox.MAX_MESSAGES + 5; i++) {
      outbox.add(of(Event.STARTED, "s" + i));
    }

    assertThat(count(Outcome.DROPPED)).isEqualTo(5);
  }

  @Test
  void anEndBeforeItsStartWasSentSendsNeither() {
    refuses = true;
    Outbox outbox = outbox(20);
    outbox.add(of(Event.STARTED, "a"));
    outbox.deliver();
    outbox.add(of(Event.ENDED, "a"));
    refuses = false;
    clock.advance(Duration.ofMinutes(1));
    outbox.deliver();

    assertThat(delivered).isEmpty();
  }
}
