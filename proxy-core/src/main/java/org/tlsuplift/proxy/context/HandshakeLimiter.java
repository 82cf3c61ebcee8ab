package org.tlsuplift.proxy.context;

import java.net.InetAddress;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.DeviceRates;

/** Limits how often one device may begin a TLS handshake with us. Thread-safe; never blocks. */
public final class HandshakeLimiter {
  private final DeviceNetworks networks;
  private final DeviceRates rates;
  private final String refusal;

  public HandshakeLimiter(Limits limits) {
    Limits.Handshakes handshakes = limits.handshakes();
    this.networks = limits.networks();
    this.rates = new DeviceRates(handshakes.perSecond(), handshakes.burst(), System::nanoTime);
    this.refusal =
        "raise limits.handshakesPerSecond if this device stands for many; it began more than "
            + handshakes.perSecond()
            + " TLS handshakes per second, and "
            + handshakes.burst()
            + " at once";
  }

  /** Whether a device may begin one more now; if so, it has. */
  public boolean admits(InetAddress device) {
    return rates.take(networks.of(device));
  }

  /** For the operator: what to do about a refusal. */
  public String refusal() {
    return refusal;
  }
}
