package org.tlsuplift.proxy.context;

import io.netty.channel.Channel;
import org.tlsuplift.proxy.mail.policy.DeviceQuotas;
import org.tlsuplift.proxy.upstream.dial.DialContext;

/**
 * The data that all parts of one session share.
 *
 * @param spec the listener of the device
 * @param services the services of the configuration that the session started with
 * @param device the device's channel; the whole session runs on its event loop
 * @param report passes the session's events to the observer and the log
 */
public record SessionContext(
    ListenerSpec spec, SessionServices services, Channel device, SessionReport report) {
  public DialContext dialContext() {
    return report.dialContext(device);
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
