package org.tlsuplift.server.command;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import org.tlsuplift.server.command.console.CommandFailedException;
import org.tlsuplift.server.command.console.CommandOutput;
import org.tlsuplift.server.command.console.ConfigOption;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.BindAddress;
import org.tlsuplift.server.daemon.admin.AdminPage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Checks whether the daemon of this machine is ready; for container health checks. */
@Command(
    name = "health",
    header = "Check whether the running daemon is ready.",
    description =
        "Reads /readyz at admin.bind. Exits with 0 if the daemon is ready, otherwise with 1 and the reason.")
final class HealthCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final AdminPortOption adminPort = new AdminPortOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    AdminConfig admin = adminPort.in(config.load()).config().admin();
    BindAddress bind = admin.bind();
    if (bind.port() == 0) {
      throw new CommandFailedException(
          "admin.bind " + bind + " has port 0, so the port is unknown; set a fixed port");
    }
    InetSocketAddress address = new InetSocketAddress(bind.host(), bind.port());
    if (!address.isUnresolved() && address.getAddress().isAnyLocalAddress()) {
      address = new InetSocketAddress(InetAddress.getLoopbackAddress(), bind.port());
    }
    AdminPage page = read(address, admin.tls() != null);
    if (page.status() != 200) {
      throw new CommandFailedException("not ready: " + page.body().strip());
    }
    commandOutput.lines(page.body().strip());
    return 0;
  }

  private static AdminPage read(InetSocketAddress address, boolean tls)
      throws CommandFailedException {
    try {
      return tls ? AdminPage.readByTls(address, "/readyz") : AdminPage.read(address, "/readyz");
    } catch (IOException failed) {
      throw new CommandFailedException(
          "no response from "
              + address
              + ": "
              + failed.getMessage()
              + "; check that the daemon is running");
    }
  }
}
