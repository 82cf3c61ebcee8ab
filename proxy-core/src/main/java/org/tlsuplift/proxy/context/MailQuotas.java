package org.tlsuplift.proxy.context;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tlsuplift.proxy.mail.DeviceQuotas;
import org.tlsuplift.proxy.model.DeviceNetworks;

/** The counts of messages and recipients of each listener and device. Thread-safe. */
public final class MailQuotas {
  private final Map<String, DeviceQuotas> listeners;

  /** Counts from zero for these listeners. */
  public MailQuotas(List<ListenerSpec> listeners, DeviceNetworks networks) {
    this(listeners, networks, Map.of());
  }

  private MailQuotas(
      List<ListenerSpec> listeners, DeviceNetworks networks, Map<String, DeviceQuotas> before) {
    Map<String, DeviceQuotas> all = new HashMap<>();
    for (ListenerSpec listener : listeners) {
      DeviceQuotas known = before.get(listener.name());
      all.put(
          listener.name(),
          known == null
              ? new DeviceQuotas(listener.mail().rules(), networks)
              : known.with(listener.mail().rules(), networks));
    }
    this.listeners = Map.copyOf(all);
  }

  /** The quotas of other listeners. Listeners of the same name continue to count. */
  public MailQuotas with(List<ListenerSpec> otherListeners, DeviceNetworks networks) {
    return new MailQuotas(otherListeners, networks, listeners);
  }

  /** The quota of a device on a listener, which must be one of those given at first. */
  DeviceQuotas.Quota of(ListenerSpec listener, InetAddress device) {
    DeviceQuotas quotas = listeners.get(listener.name());
    if (quotas == null) {
      throw new IllegalArgumentException(
          "got listener '" + listener.name() + "'; expected a known one");
    }
    return quotas.of(device);
  }
}
