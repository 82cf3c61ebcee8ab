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

  /**
   * Takes the paths of both configurations, and whether the first is watched; else that is the
   * proxy alone too. Runs until the process is ended.
   */
  public static void main(String[] arguments) throws Exception {
    Path first = Path.of(arguments[0]);
    if (Boolean.parseBoolean(arguments[2])) {
      Components watching = Components.start(ConfigLoader.load(first), progress -> {});
      Runtime.getRuntime().addShutdownHook(new Thread(watching::close));
    } else {
      Blind.start(first);
    }
    Blind.start(Path.of(arguments[1]));
    new CountDownLatch(1).await();
  }
}
