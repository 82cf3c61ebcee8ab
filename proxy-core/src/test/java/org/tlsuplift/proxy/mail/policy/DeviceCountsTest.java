package org.tlsuplift.proxy.mail.policy;

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
  private final DeviceCounts counts = new DeviceCounts(3, HOUR, () -> now);

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
  void aDeviceHasSoManyInAWindow() {
    assertThat(counts.take(DEVICE)).isTrue();
    pass(Duration.ofMinutes(30));
    assertThat(counts.take(DEVICE)).isTrue();
    assertThat(counts.take(DEVICE)).isTrue();
    assertThat(counts.take(DEVICE)).isFalse();
    pass(Duration.ofMinutes(36));
    assertThat(counts.take(DEVICE)).as("the first is more than an hour old").isTrue();
    assertThat(counts.take(DEVICE)).isFalse();
    pass(Duration.ofDays(2));
    assertThat(counts.take(DEVICE)).isTrue();
  }

  @Test
  void eachDeviceHasItsOwn() {
    for (int i = 0; i < 3; i++) {
      assertThat(counts.take(DEVICE)).isTrue();
    }
    assertThat(counts.take(address("10.1.2.4"))).isTrue();
  }

  /** A refused attempt does not count, so that a device that tries again recovers. */
  @Property(tries = 300)
  void neverMoreThanTheLimitInAnyWindowAndNeverMuchLess(
      @ForAll @Size(max = 120) List<@IntRange(max = 1500) Integer> secondsBetween) {
    now = 0;
    DeviceCounts some = new DeviceCounts(3, HOUR, () -> now);
    Deque<Long> taken = new ArrayDeque<>();
    for (int seconds : secondsBetween) {
      pass(Duration.ofSeconds(seconds));
      boolean allowed = some.take(DEVICE);
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
  void withoutALimitNothingIsCounted() {
    DeviceQuotas.Quota quota =
        new DeviceQuotas(MailPolicy.NONE, DeviceNetworks.DEFAULT, () -> now).of(DEVICE);
    for (int i = 0; i < 10_000; i++) {
      assertThat(quota.takeMessage() && quota.takeRecipient()).isTrue();
    }
  }
}
