package org.tlsuplift.proxy.context;

import java.net.InetAddress;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.DeviceRates;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.outcome.CloseReason;

/** Limits the TLS handshakes of each device. Thread-safe; never blocks. */
public final class HandshakeLimiter {
  private final DeviceNetworks networks;
  private final DeviceRates rates;
  private final Explanation refusal;

  public HandshakeLimiter(Limits limits) {
    Limits.Handshakes handshakes = limits.handshakes();
    this.networks = limits.networks();
    this.rates = new DeviceRates(handshakes.perSecond(), handshakes.burst(), System::nanoTime);
    this.refusal =
        Explanation.of(
            "the device exceeded %d TLS handshakes per second (burst %d)"
                .formatted(handshakes.perSecond(), handshakes.burst()),
            CloseReason.DEVICE_HANDSHAKE_LIMIT.remedy());
  }

  /** Counts a handshake of the device, or returns false if its limit is reached. */
  public boolean admits(InetAddress device) {
    return rates.take(networks.of(device));
  }

  /** The explanation for a refused handshake. */
  public Explanation refusal() {
    return refusal;
  }
}
