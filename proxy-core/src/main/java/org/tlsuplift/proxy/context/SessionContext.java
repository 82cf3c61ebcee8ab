package org.tlsuplift.proxy.context;

import io.netty.channel.Channel;
import java.net.InetAddress;
import org.tlsuplift.proxy.mail.policy.DeviceQuotas;
import org.tlsuplift.proxy.upstream.dial.DialContext;

/**
 * The data that all parts of one session share.
 *
 * @param spec the listener of the device
 * @param services the services of the configuration that the session started with
 * @param device the device's channel; the whole session runs on its event loop
 * @param handshakes the order in which devices begin their handshakes
 * @param report passes the session's events to the observer and the log
 */
public record SessionContext(
    ListenerSpec spec,
    SessionServices services,
    Channel device,
    HandshakeQueues handshakes,
    SessionReport report) {
  public DialContext dialContext() {
    return report.dialContext(device);
  }

  /** Creates the device's place in the queue for handshakes. */
  public HandshakeQueue.Place handshakePlace(HandshakeQueue.Turn turn) {
    return handshakes.of(device.eventLoop()).place(network(), turn);
  }

  /** Records that the device reached its origin. */
  public void served() {
    handshakes.served(network());
  }

  private InetAddress network() {
    return services.limits().networks().of(report.device().getAddress());
  }

  /** What the device may still send by mail. */
  public DeviceQuotas.Quota mailQuota() {
    return services.mailQuotas().of(spec, report.device().getAddress());
  }

  /** Creates a timer for the device's next step without starting it. */
  public NegotiationTimer negotiationTimer(Runnable expired) {
    return new NegotiationTimer(
        device.eventLoop(), services.limits().negotiationTimeout(), expired);
  }
}
