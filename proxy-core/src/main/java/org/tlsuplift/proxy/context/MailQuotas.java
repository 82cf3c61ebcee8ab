package org.tlsuplift.proxy.context;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.mail.policy.DeviceQuotas;
import org.tlsuplift.proxy.model.DeviceNetworks;

/** The counts of messages and recipients of each listener and device. Thread-safe. */
public final class MailQuotas {
  private final Map<String, DeviceQuotas> listeners;

  /** Counts from zero for these listeners. */
  public MailQuotas(List<ListenerSpec> listeners, DeviceNetworks networks) {
    this.listeners =
        listeners.stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    ListenerSpec::name, counts(networks), (one, same) -> one));
  }

  private static Function<ListenerSpec, DeviceQuotas> counts(DeviceNetworks networks) {
    return listener -> new DeviceQuotas(listener.messageRules(), networks);
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
