package org.tlsuplift.proxy.mail;

/** Is told what a device says before TLS; called on the channel's event loop. */
public interface DeviceCommandCallbacks {
  void onGreeted();

  /** The device began with TLS before it was greeted; the conversation has removed itself. */
  void onTlsAtOnce();

  /** The device began with TLS after it was greeted, and takes the greeting for a broken answer. */
  void onTlsTooLate(String why);

  /**
   * A command, to be answered before the next is read.
   *
   * @param more whether the device sent more behind it in the same breath
   */
  void onCommand(DeviceCommand command, boolean more);

  /** Whether this command will be passed on as it is, with all that follows it. */
  boolean passesOn(DeviceCommand command);

  /** What the device says is out of bounds. */
  void onUnreadable(String why);
}
