package org.tlsuplift.proxy.context;

import io.netty.channel.Channel;
import java.net.InetAddress;
import org.tlsuplift.proxy.mail.DeviceQuotas;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.upstream.dial.DialContext;
import org.tlsuplift.proxy.upstream.dial.SessionHoldings;

/**
 * The data that all parts of one session share.
 *
 * @param spec the listener of the device
 * @param services the services of the configuration that the session started with
 * @param device the device's channel; the whole session runs on its event loop
 * @param handshakes the order in which devices begin their handshakes
 * @param facts what is known about the session
 * @param report passes the session's events to the observer and the log
 * @param holdings the connections and permits that the session releases at its end
 */
public record SessionContext(
    ListenerSpec spec,
    SessionServices services,
    Channel device,
    HandshakeQueues handshakes,
    SessionFacts facts,
    SessionReporter report,
    SessionHoldings holdings) {
  public SessionContext(
      ListenerSpec spec,
      SessionServices services,
      Channel device,
      HandshakeQueues handshakes,
      SessionFacts facts,
      SessionReporter report) {
    this(spec, services, device, handshakes, facts, report, new SessionHoldings());
  }

  /** The data for dialling origins of this session. */
  public DialContext dialContext() {
    return new DialContext(device.eventLoop(), facts.device(), facts.destination(), holdings);
  }

  /** Whether the packet filter redirected the device to this proxy. */
  public boolean isRedirected() {
    return spec.accept() instanceof AcceptMode.Transparent;
  }

  /**
   * Whether the device is this proxy itself: the packet filter redirected its connection to an
   * origin. The proxy knows such a connection only after it is established.
   */
  public boolean isLoop() {
    return isRedirected() && services.upstream().isOwn(facts.device());
  }

  /** The device's address. */
  public InetAddress address() {
    return facts.device().getAddress();
  }

  /**
   * Creates the device's place in the queue for handshakes.
   *
   * @param callback called once, unless the device leaves before
   */
  public HandshakeQueue.Place handshakePlace(Runnable callback) {
    return handshakes.of(device.eventLoop()).place(network(), callback);
  }

  /** Records that the device reached its origin. */
  public void served() {
    handshakes.served(network());
  }

  private InetAddress network() {
    return services.limits().networks().of(address());
  }

  /** What the device may still send by mail. */
  public DeviceQuotas.Quota mailQuota() {
    return services.mailQuotas().of(spec, address());
  }

  /** Creates a timer for the device's next step without starting it. */
  public NegotiationTimer negotiationTimer(Runnable expired) {
    return new NegotiationTimer(
        device.eventLoop(), services.limits().negotiationTimeout(), expired);
  }
}
