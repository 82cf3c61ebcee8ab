package org.tlsuplift.bench.load;

import java.util.concurrent.atomic.LongAdder;

/** What a device does with its connection. */
public sealed interface Visit permits Exchange, MailVisit {
  /** A device that will do it. */
  Device device(DeviceTls tls, int port, LongAdder resumed, Device.Events events);

  /** Bytes of payload. */
  long length();
}
