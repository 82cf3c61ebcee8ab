package org.tlsuplift.proxy.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.DeviceNetworks;

class DeviceCountsTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final InetAddress DEVICE = address("10.1.2.3");

  private long now = -7;
  private final DeviceCounts counts = new DeviceCounts(HOUR, () -> now);

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  @Test
  void boundsTheCountInAWindow() {
    assertThat(counts.take(DEVICE, 3)).isTrue();
    pass(Duration.ofMinutes(30));
    assertThat(counts.take(DEVICE, 3)).isTrue();
    assertThat(counts.take(DEVICE, 3)).isTrue();
    assertThat(counts.take(DEVICE, 3)).isFalse();
    pass(Duration.ofMinutes(36));
    assertThat(counts.take(DEVICE, 3)).as("the first is more than an hour old").isTrue();
    assertThat(counts.take(DEVICE, 3)).isFalse();
    pass(Duration.ofDays(2));
    assertThat(counts.take(DEVICE, 3)).isTrue();
  }

  @Test
  void countsEachDeviceSeparately() {
    for (int i = 0; i < 3; i++) {
      assertThat(counts.take(DEVICE, 3)).isTrue();
    }
    assertThat(counts.take(address("10.1.2.4"), 3)).isTrue();
  }

  /** A refused attempt does not count, so that a device that tries again recovers. */
  @Property(tries = 300)
  void neverMoreThanTheLimitInAnyWindowAndNeverMuchLess(
      @ForAll @Size(max = 120) List<@IntRange(max = 1500) Integer> secondsBetween) {
    now = 0;
    DeviceCounts some = new DeviceCounts(HOUR, () -> now);
    Deque<Long> taken = new ArrayDeque<>();
    for (int seconds : secondsBetween) {
      pass(Duration.ofSeconds(seconds));
      boolean allowed = some.take(DEVICE, 3);
      if (allowed) {
        taken.add(now);
      }
      long inHour = taken.stream().filter(at -> now - at < HOUR.toNanos()).count();
      long inHourAndSlot =
          taken.stream().filter(at -> now - at <= HOUR.toNanos() / 12 * 13).count();
      assertThat(inHour).isLessThanOrEqualTo(3);
      assertThat(allowed || inHourAndSlot >= 3).isTrue();
    }
  }

  @Test
  void anIpv6NetworkIsOneDevice() {
    DeviceQuotas quotas =
        new DeviceQuotas(
            new MailPolicy(List.of(), List.of(), 0, 0, 1, 1, LineEnds.PASS, null),
            DeviceNetworks.DEFAULT,
            () -> now);
    assertThat(quotas.of(address("2001:db8::1")).takeMessage()).isTrue();
    assertThat(quotas.of(address("2001:db8::2:1")).takeMessage()).isFalse();
    assertThat(quotas.of(address("2001:db8:0:1::1")).takeMessage()).isTrue();
    assertThat(quotas.of(address("2001:db8::1")).takeRecipient()).isTrue();
    assertThat(quotas.of(address("2001:db8::1")).takeRecipient()).isFalse();
  }

  @Test
  void countsStayWhenTheLimitChanges() {
    for (int i = 0; i < 3; i++) {
      assertThat(counts.take(DEVICE, 3)).isTrue();
    }
    assertThat(counts.take(DEVICE, 2)).isFalse();
    assertThat(counts.take(DEVICE, 4)).isTrue();
    assertThat(counts.take(DEVICE, 4)).isFalse();
  }

  @Test
  void quotasOfAnotherPolicyContinueToCount() {
    DeviceQuotas before = new DeviceQuotas(perHour(2), DeviceNetworks.DEFAULT, () -> now);
    assertThat(before.of(DEVICE).takeMessage()).isTrue();
    assertThat(before.of(DEVICE).takeMessage()).isTrue();

    DeviceQuotas after = before.with(perHour(3), DeviceNetworks.DEFAULT);

    assertThat(before.of(DEVICE).takeMessage()).as("an old session").isFalse();
    assertThat(after.of(DEVICE).takeMessage()).isTrue();
    assertThat(after.of(DEVICE).takeMessage()).isFalse();
    assertThat(before.with(MailPolicy.NONE, DeviceNetworks.DEFAULT).of(DEVICE).takeMessage())
        .as("without a limit")
        .isTrue();
  }

  private static MailPolicy perHour(int messages) {
    return new MailPolicy(List.of(), List.of(), 0, 0, messages, 0, LineEnds.PASS, null);
  }

  @Test
  void withoutALimitNothingIsCounted() {
    DeviceQuotas.Quota quota =
        new DeviceQuotas(MailPolicy.NONE, DeviceNetworks.DEFAULT, () -> now).of(DEVICE);
    for (int i = 0; i < 10_000; i++) {
      assertThat(quota.takeMessage() && quota.takeRecipient()).isTrue();
    }
  }
}
