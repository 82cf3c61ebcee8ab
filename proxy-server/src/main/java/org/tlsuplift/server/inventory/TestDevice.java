package org.tlsuplift.server.inventory;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.Set;
import org.tlsuplift.proxy.model.ClientHello;

/** The sender of the doctor's test message, which the inventory does not count as a device. */
public final class TestDevice {
  /** Its name in EHLO. */
  public static final String NAME = "doctor.tls-uplift.invalid";

  /** What it offers to a listener with old suites, if the Java runtime has them. */
  public static final List<String> SUITES =
      List.of("TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA");

  /** What it offers to other listeners. */
  public static final List<String> MODERN_SUITES =
      List.of("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");

  /** Both, and the signal of RFC 5746. */
  private static final Set<Integer> NUMBERS = Set.of(0x002f, 0x0035, 0xc02c, 0xc030, 0x00ff);

  private TestDevice() {}

  /** Whether it may be the sender, so that the inventory waits for its name. */
  public static boolean isPossible(InetAddress device, ClientHello hello) {
    return device.isLoopbackAddress() && NUMBERS.containsAll(hello.cipherSuites());
  }

  /** Whether it is the sender. Others can use its name, but not from this machine. */
  public static boolean is(InetAddress device, String name) {
    try {
      return name.equals(NAME)
          && (device.isLoopbackAddress() || NetworkInterface.getByInetAddress(device) != null);
    } catch (SocketException unknown) {
      return false;
    }
  }
}
