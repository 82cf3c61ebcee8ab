package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import org.tlsuplift.server.demo.Demo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows the upgrade from end to end, offline. */
@Command(
    name = "demo",
    header = "Show old devices reach an origin of TLS 1.2 only; offline, in seconds.",
    description = {
      "Starts an origin, the proxy, and devices of TLS 1.0 and 1.1 on loopback; shows both sides and"
          + " what was counted. Exits with 0 only if every upgrade really happened."
    })
final class DemoCommand implements Callable<Integer> {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    LogLevels.quiet();
    new Demo(commandOutput::line).run();
    return 0;
  }
}
