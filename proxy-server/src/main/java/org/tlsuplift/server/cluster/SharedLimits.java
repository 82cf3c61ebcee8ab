package org.tlsuplift.server.cluster;

import java.net.InetAddress;
import java.util.Locale;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.signin.limits.MailboxLimiter;
import org.tlsuplift.proxy.signin.limits.MailboxLimits;

/**
 * Keeps each mailbox within its limits over all instances that share a database.
 *
 * <p>A device first gets its turn at this instance, and then a permit of all instances. While the
 * database is unreachable, and until all instances have reached it again, this instance keeps to
 * its share: the limits divided by the live instances, at least one session and one message a
 * minute. Thread-safe; the methods return at once.
 */
public final class SharedLimits implements MailboxPermits {
  private final MailboxLimiter own;
  private final Instances instances;
  private volatile MailboxLimits limits;
  private volatile DeviceNetworks networks;

  /**
   * @param own the limits of this instance, which this object changes
   */
  public SharedLimits(
      MailboxLimiter own, MailboxLimits limits, DeviceNetworks networks, Instances instances) {
    this.own = own;
    this.instances = instances;
    this.limits = limits;
    this.networks = networks;
    apply();
    instances.onChange(this::apply);
  }

  /** Sets other limits for all mailboxes. */
  public void limit(MailboxLimits otherLimits, DeviceNetworks otherNetworks) {
    limits = otherLimits;
    networks = otherNetworks;
    apply();
  }

  private void apply() {
    MailboxLimits all = limits;
    own.limit(
        new MailboxLimits(
            instances.share(all.sessions()),
            instances.share(all.messagesPerMinute()),
            all.maximumWaiting(),
            all.maximumWait()),
        networks);
  }

  @Override
  public Permit session(String mailbox, MailProtocol protocol, InetAddress device) {
    Permit session = own.session(mailbox, protocol, device);
    return protocol == MailProtocol.SMTP
        ? new SharedSession(
            session, key(mailbox), instances, limits.maximumWait(), () -> limits.sessions())
        : session;
  }

  @Override
  public Permit message(String mailbox) {
    return new SharedMessage(
        own.message(mailbox),
        key(mailbox),
        instances,
        limits.maximumWait(),
        limits.messagesPerMinute());
  }

  private static String key(String mailbox) {
    String key = mailbox.toLowerCase(Locale.ROOT);
    return key.length() <= 320 ? key : key.substring(0, 320);
  }
}
