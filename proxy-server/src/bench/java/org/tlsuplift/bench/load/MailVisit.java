package org.tlsuplift.bench.load;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What a device does at a mail origin. */
public enum MailVisit implements Visit {
  /** Sends no mail, and ends with QUIT. */
  LEAVE,
  /** Is idle after the EHLO under TLS. */
  STAY,
  /** Sends a mail of 5 MB, checks that it arrived complete and unchanged, and ends with QUIT. */
  SEND,
  /** Sends a message with a dot that some servers mistake for its end. */
  SEND_AMBIGUOUS;

  @Override
  public Device device(DeviceTls tls, int port, LongAdder resumed, Device.Events events) {
    return new MailDevice(tls, port, resumed, events, this);
  }

  @Nullable MailMessage message() {
    return switch (this) {
      case LEAVE, STAY -> null;
      case SEND -> MailMessage.SCAN;
      case SEND_AMBIGUOUS -> MailMessage.AMBIGUOUS;
    };
  }

  @Override
  public long length() {
    MailMessage message = message();
    return message == null ? 0 : message.length();
  }
}
