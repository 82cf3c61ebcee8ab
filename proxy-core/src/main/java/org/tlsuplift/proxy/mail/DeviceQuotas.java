package org.tlsuplift.proxy.mail;

import java.net.InetAddress;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.DeviceNetworks;

/** Counts the messages and recipients of the devices of one listener. Thread-safe. */
public final class DeviceQuotas {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);

  private final MailPolicy policy;
  private final DeviceNetworks networks;
  private final @Nullable DeviceCounts messages;
  private final @Nullable DeviceCounts recipients;

  /** Counts from zero, by the limits of a policy. */
  public DeviceQuotas(MailPolicy policy, DeviceNetworks networks) {
    this(policy, networks, System::nanoTime);
  }

  DeviceQuotas(MailPolicy policy, DeviceNetworks networks, LongSupplier nanoTime) {
    this(policy, networks, null, null, nanoTime);
  }

  private DeviceQuotas(
      MailPolicy policy,
      DeviceNetworks networks,
      @Nullable DeviceCounts messages,
      @Nullable DeviceCounts recipients,
      LongSupplier nanoTime) {
    this.policy = policy;
    this.networks = networks;
    this.messages = counts(policy.messagesPerHour(), messages, HOUR, nanoTime);
    this.recipients = counts(policy.recipientsPerDay(), recipients, DAY, nanoTime);
  }

  private static @Nullable DeviceCounts counts(
      int most, @Nullable DeviceCounts before, Duration window, LongSupplier nanoTime) {
    return most == 0 || before != null ? before : new DeviceCounts(window, nanoTime);
  }

  /** Quotas that continue the counts of these with the limits of another policy. */
  public DeviceQuotas with(MailPolicy otherPolicy, DeviceNetworks otherNetworks) {
    return new DeviceQuotas(otherPolicy, otherNetworks, messages, recipients, System::nanoTime);
  }

  /** The quota of one device. */
  public Quota of(InetAddress device) {
    return new Quota(networks.of(device));
  }

  /**
   * What one device may still send. The methods return false, and count nothing, if the device has
   * reached the limit.
   */
  public final class Quota {
    private final InetAddress device;

    private Quota(InetAddress device) {
      this.device = device;
    }

    /** Counts a message. */
    public boolean takeMessage() {
      return policy.messagesPerHour() == 0
          || messages == null
          || messages.take(device, policy.messagesPerHour());
    }

    /** Counts a recipient. */
    public boolean takeRecipient() {
      return policy.recipientsPerDay() == 0
          || recipients == null
          || recipients.take(device, policy.recipientsPerDay());
    }
  }
}
