package org.tlsuplift.proxy.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DeviceRatesTest {
  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1_000_000_000L);
  private final DeviceRates rates = new DeviceRates(20, 200, clock::get);

  @Test
  void allowsABurstAndThenTheRate() throws Exception {
    InetAddress device = InetAddress.getByName("10.0.0.1");
    assertThat(taken(device, 1000)).isEqualTo(200);
    clock.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(taken(device, 1000)).isEqualTo(20);
    clock.addAndGet(Duration.ofMillis(49).toNanos());
    assertThat(taken(device, 1000)).isZero();
    clock.addAndGet(Duration.ofMillis(1).toNanos());
    assertThat(taken(device, 1000)).isEqualTo(1);
    clock.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThat(taken(device, 1000)).as("no more than the burst is saved").isEqualTo(200);
  }

  @Test
  void countsEachDeviceForItself() throws Exception {
    assertThat(taken(InetAddress.getByName("10.0.0.1"), 300)).isEqualTo(200);
    assertThat(taken(InetAddress.getByName("10.0.0.2"), 300)).isEqualTo(200);
  }

  private int taken(InetAddress device, int tries) {
    int taken = 0;
    for (int i = 0; i < tries; i++) {
      taken += rates.take(device) ? 1 : 0;
    }
    return taken;
  }
}
