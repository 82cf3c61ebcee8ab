package org.tlsuplift.bench.load;

import java.util.concurrent.atomic.LongAdder;

/** What a device does at a mail origin: no mail is sent, because bulk has rows of its own. */
public enum MailVisit implements Visit {
  /** Ends with QUIT. */
  LEAVE,
  /** Is idle after the EHLO under TLS. */
  STAY;

  @Override
  public Device device(DeviceTls tls, int port, LongAdder resumed, Device.Events events) {
    return new MailDevice(tls, port, resumed, events, this);
  }

  @Override
  public long length() {
    return 0;
  }
}
