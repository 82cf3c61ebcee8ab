package org.tlsuplift.server.it.mail;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends a byte every 200 ms until the peer no longer accepts it. */
final class Trickle implements AutoCloseable {
  private static final int PAUSE_MILLIS = 200;

  private final MailDialogue device;
  private final AtomicInteger sent = new AtomicInteger();
  private final Thread thread = new Thread(this::run, "trickle");

  private Trickle(MailDialogue device) {
    this.device = device;
  }

  static Trickle into(MailDialogue device) {
    Trickle trickle = new Trickle(device);
    trickle.thread.start();
    return trickle;
  }

  int sent() {
    return sent.get();
  }

  private void run() {
    try {
      while (!Thread.interrupted()) {
        device.send("N");
        sent.incrementAndGet();
        // The device's own pace, not a wait of the test.
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (IOException | InterruptedException ended) {
      // The end of the connection or of the test ends the trickle.
    }
  }

  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    thread.join();
  }
}
