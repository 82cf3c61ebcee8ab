package org.tlsuplift.proxy.accept;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.context.DeviceAdmission;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.testing.Uplift;

class AdmissionTest {
  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, true",
    "11.0.0.1, false",
    "192.168.7.9, true",
    "fd00::1, true",
    "2001:db8::1, false",
    "::ffff:10.1.2.3, true",
    "::ffff:11.0.0.1, false"
  })
  void admitsBySubnet(String device, boolean admitted) throws Exception {
    DeviceAdmission admission =
        new DeviceAdmission(
            List.of(
                Cidr.parse("10.0.0.0/8"), Cidr.parse("192.168.0.0/16"), Cidr.parse("fc00::/7")));
    assertThat(admission.admits(InetAddress.getByName(device))).isEqualTo(admitted);
  }

  @Test
  void countsAnIpv6NetworkAsOneDevice() throws Exception {
    Limits limits = limits(9, 1);
    DeviceNetworks networks = new DeviceNetworks(56);
    InetAddress first = networks.of(InetAddress.getByName("2001:db8:0:1::1"));
    InetAddress same = networks.of(InetAddress.getByName("2001:db8:0:ff::2"));
    InetAddress other = networks.of(InetAddress.getByName("2001:db8:0:100::1"));
    ConnectionLimiter limiter = new ConnectionLimiter(() -> 0);
    assertThat(limiter.acquire(first, limits)).isEmpty();
    assertThat(limiter.acquire(same, limits)).contains(CloseReason.DEVICE_SESSION_LIMIT);
    assertThat(limiter.acquire(other, limits)).isEmpty();
    limiter.release(first);
    assertThat(limiter.acquire(same, limits)).isEmpty();
  }

  @Test
  void givesPlacesBack() throws Exception {
    InetAddress one = InetAddress.getByName("10.0.0.1");
    InetAddress two = InetAddress.getByName("10.0.0.2");
    InetAddress three = InetAddress.getByName("10.0.0.3");
    Limits limits = limits(3, 2);
    ConnectionLimiter limiter = new ConnectionLimiter(() -> 0);
    assertThat(limiter.acquire(one, limits)).isEmpty();
    assertThat(limiter.acquire(one, limits)).isEmpty();
    assertThat(limiter.acquire(one, limits)).contains(CloseReason.DEVICE_SESSION_LIMIT);
    assertThat(limiter.acquire(two, limits)).isEmpty();
    assertThat(limiter.acquire(three, limits)).contains(CloseReason.SESSION_LIMIT);
    assertThat(limiter.active()).isEqualTo(3);
    limiter.release(one);
    assertThat(limiter.acquire(three, limits)).isEmpty();
    assertThat(limiter.active()).isEqualTo(3);
    limiter.release(one);
    limiter.release(two);
    limiter.release(three);
    assertThat(limiter.active()).isZero();
    assertThat(limiter.acquire(one, limits)).isEmpty();
  }

  @Test
  void sessionsCountUnderOtherLimits() throws Exception {
    InetAddress one = InetAddress.getByName("10.0.0.1");
    InetAddress two = InetAddress.getByName("10.0.0.2");
    ConnectionLimiter limiter = new ConnectionLimiter(() -> 0);
    assertThat(limiter.acquire(one, limits(3, 3))).isEmpty();
    assertThat(limiter.acquire(one, limits(3, 3))).isEmpty();

    assertThat(limiter.acquire(one, limits(3, 2))).contains(CloseReason.DEVICE_SESSION_LIMIT);
    assertThat(limiter.acquire(two, limits(2, 2))).contains(CloseReason.SESSION_LIMIT);
    assertThat(limiter.acquire(two, limits(3, 2))).isEmpty();
  }

  private static Limits limits(int sessions, int perDevice) {
    return Uplift.limits(
        sessions, perDevice, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1));
  }
}
