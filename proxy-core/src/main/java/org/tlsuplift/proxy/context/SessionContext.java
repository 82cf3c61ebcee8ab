package org.tlsuplift.proxy.context;

import io.netty.channel.Channel;
import org.tlsuplift.proxy.upstream.dial.DialContext;

/**
 * What all parts of one session share.
 *
 * @param spec the listener that the device came through
 * @param services of the configuration that the session started with
 * @param device the connection of the device; all of the session runs on its event loop
 * @param report tells observers and the log what happens
 */
public record SessionContext(
    ListenerSpec spec, SessionServices services, Channel device, SessionReport report) {
  /** For whom origins are dialled. */
  public DialContext dialContext() {
    return report.dialContext(device);
  }

  /** A timer for the next step of the device, not started. */
  public NegotiationTimer negotiationTimer(Runnable expired) {
    return new NegotiationTimer(
        device.eventLoop(), services.limits().negotiationTimeout(), expired);
  }
}
