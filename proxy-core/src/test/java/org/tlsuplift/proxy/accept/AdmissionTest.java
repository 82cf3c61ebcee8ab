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
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.DeviceNetworks;
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
    ConnectionLimiter limiter = new ConnectionLimiter(limits(9, 1, 56));
    assertThat(limiter.acquire(InetAddress.getByName("2001:db8:0:1::1"))).isEmpty();
    assertThat(limiter.acquire(InetAddress.getByName("2001:db8:0:ff::2")))
        .contains(CloseReason.DEVICE_SESSION_LIMIT);
    assertThat(limiter.acquire(InetAddress.getByName("2001:db8:0:100::1"))).isEmpty();
    limiter.release(InetAddress.getByName("2001:db8:0:1::1"));
    assertThat(limiter.acquire(InetAddress.getByName("2001:db8:0:ff::2"))).isEmpty();
  }

  private static Limits limits(int sessions, int perDevice, int prefixLength) {
    return new Limits(
        sessions,
        perDevice,
        new DeviceNetworks(prefixLength),
        Uplift.UNLIMITED_HANDSHAKES,
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        Duration.ofSeconds(1));
  }

  @Test
  void givesPlacesBack() throws Exception {
    InetAddress one = InetAddress.getByName("10.0.0.1");
    InetAddress two = InetAddress.getByName("10.0.0.2");
    InetAddress three = InetAddress.getByName("10.0.0.3");
    ConnectionLimiter limiter = new ConnectionLimiter(limits(3, 2, 64));
    assertThat(limiter.acquire(one)).isEmpty();
    assertThat(limiter.acquire(one)).isEmpty();
    assertThat(limiter.acquire(one)).contains(CloseReason.DEVICE_SESSION_LIMIT);
    assertThat(limiter.acquire(two)).isEmpty();
    assertThat(limiter.acquire(three)).contains(CloseReason.SESSION_LIMIT);
    assertThat(limiter.active()).isEqualTo(3);
    limiter.release(one);
    assertThat(limiter.acquire(three)).isEmpty();
    assertThat(limiter.active()).isEqualTo(3);
    limiter.release(one);
    limiter.release(two);
    limiter.release(three);
    assertThat(limiter.active()).isZero();
    assertThat(limiter.acquire(one)).isEmpty();
  }
}
