package org.tlsuplift.proxy.context;

import java.net.InetAddress;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.DeviceRates;

/** Limits the TLS handshakes of each device. Thread-safe; never blocks. */
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

  /** Counts a handshake of the device, or returns false if its limit is reached. */
  public boolean admits(InetAddress device) {
    return rates.take(networks.of(device));
  }

  /** The remedy for a refusal, for the operator. */
  public String refusal() {
    return refusal;
  }
}
