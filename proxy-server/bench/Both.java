package org.tlsuplift.bench;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.daemon.Components;

/**
 * The daemon with all that watches, and the proxy alone, in one process: they share each piece of
 * compiled code, so that what a compiler made of it differs for neither.
 */
final class Both {
  private Both() {}

  /** Takes the paths of both configurations; runs until the process is ended. */
  public static void main(String[] arguments) throws Exception {
    Components watching =
        Components.start(ConfigLoader.load(Path.of(arguments[0])), progress -> {});
    Blind.start(Path.of(arguments[1]));
    new CountDownLatch(1).await();
    watching.close();
  }
}
