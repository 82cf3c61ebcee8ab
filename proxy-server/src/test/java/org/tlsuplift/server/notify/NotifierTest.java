package org.tlsuplift.server.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.SettableClock;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.feature.Condition;

/** One notification for the start of a condition, and one for its end. */
class NotifierTest {
  private static final Condition NOW =
      new Condition("expires", "the CA", "it expires", "stage", Duration.ZERO);
  private static final Condition LATER =
      new Condition("no_tokens", "contoso", "no tokens", "doctor", Duration.ofMinutes(10));

  private final SettableClock clock = new SettableClock(Instant.parse("2026-11-27T10:00:00Z"));
  private final List<String> delivered = new CopyOnWriteArrayList<>();
  @AutoClose private final Schedule schedule = new Schedule();
  private final Notifier notifier = new Notifier("host", new NotificationCounts(), clock, schedule);

  private final Delivery receiver =
      new Delivery() {
        @Override
        public Channel channel() {
          return Channel.WEBHOOK;
        }

        @Override
        public String target() {
          return "the test";
        }

        @Override
        public void send(Notification notification) {
          delivered.add(notification.event() + " " + notification.condition().kind());
        }
      };

  @BeforeEach
  void receive() {
    notifier.replace(List.of(receiver), 100);
  }

  @AfterEach
  void close() {
    notifier.close();
  }

  private void awaitDelivered(String... all) {
    await().untilAsserted(() -> assertThat(delivered).containsExactly(all));
  }

  @Test
  void notifiesOfTheStartOnceAndOfTheEndOnce() {
    for (int i = 0; i < 5; i++) {
      notifier.check(List.of(NOW));
    }
    awaitDelivered("STARTED expires");

    notifier.check(List.of());
    notifier.check(List.of());
    notifier.check(List.of());
    awaitDelivered("STARTED expires", "ENDED expires");
  }

  @Test
  void aGapOfOneCheckIsNoEnd() {
    notifier.check(List.of(NOW));
    awaitDelivered("STARTED expires");
    notifier.check(List.of());
    notifier.check(List.of(NOW));
    notifier.check(List.of());
    notifier.check(List.of());
    awaitDelivered("STARTED expires", "ENDED expires");
  }

  @Test
  void aConditionThatMustLastIsNotifiedAfterThatTime() {
    notifier.check(List.of(LATER));
    clock.advance(Duration.ofMinutes(9));
    notifier.check(List.of(LATER, NOW));
    awaitDelivered("STARTED expires");

    clock.advance(Duration.ofMinutes(1));
    notifier.check(List.of(LATER, NOW));
    awaitDelivered("STARTED expires", "STARTED no_tokens");
  }

  @Test
  void aConditionThatEndsBeforeThatTimeIsNotNotified() {
    notifier.check(List.of(LATER));
    notifier.check(List.of());
    notifier.check(List.of());
    notifier.check(List.of(NOW));
    awaitDelivered("STARTED expires");
  }

  @Test
  void newReceiversGetOpenConditions() {
    notifier.check(List.of(NOW));
    awaitDelivered("STARTED expires");
    notifier.replace(List.of(receiver), 100);
    notifier.check(List.of(NOW));
    awaitDelivered("STARTED expires", "STARTED expires");
  }

  @Test
  void theSignatureIsThatOfOpenssl() throws Exception {
    // printf '1764237600.{"a":1}' | openssl dgst -sha256 -hmac 'a secret of some length'
    assertThat(WebhookDelivery.signature("a secret of some length", "1764237600", "{\"a\":1}"))
        .isEqualTo("d6a0e385c723becd54292a5e8c619bb5f14c40cb1127373b80a9a9f9598cf833");
  }
}
