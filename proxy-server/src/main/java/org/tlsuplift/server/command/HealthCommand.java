package org.tlsuplift.server.command;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.BindAddress;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.daemon.AdminPage;
import org.tlsuplift.server.daemon.ReloadRequest;
import org.tlsuplift.server.daemon.ReloadSocket;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Checks whether the daemon of this machine is ready; for container health checks. */
@Command(
    name = "health",
    footer = "%nExample:%n  tls-uplift health --config /etc/tls-uplift/tls-uplift.yaml",
    header = "Check whether the running daemon is ready.",
    description =
        "Reads /readyz of the daemon that started last with the data directory of this configuration,"
            + " or at admin.bind if that daemon cannot be found. Exits with 0 if the daemon is"
            + " ready, otherwise with 1 and the reason.")
final class HealthCommand implements Callable<Integer> {
  private static final Duration SEARCH = Duration.ofSeconds(5);

  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final AdminPortOption adminPort = new AdminPortOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    ServerConfig loaded = adminPort.in(config.load()).config();
    InetSocketAddress address = address(loaded);
    if (!address.isUnresolved() && address.getAddress().isAnyLocalAddress()) {
      address = new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort());
    }
    AdminPage page = read(address, loaded.admin().tls() != null);
    if (page.status() != 200) {
      throw new OperatorException("not ready: " + page.body().strip());
    }
    commandOutput.lines(page.body().strip());
    return 0;
  }

  /**
   * After a hand-over, the daemon that accepts sessions has another port than the configuration.
   */
  private InetSocketAddress address(ServerConfig loaded) throws OperatorException {
    if (!adminPort.isGiven()) {
      Optional<InetSocketAddress> newest =
          ReloadRequest.adminAddress(ReloadSocket.of(loaded.dataDirectory()), SEARCH);
      if (newest.isPresent()) {
        return newest.get();
      }
    }
    BindAddress bind = loaded.admin().bind();
    if (bind.port() == 0) {
      throw new OperatorException(
          "admin.bind " + bind + " has port 0, so the port is unknown; set a fixed port");
    }
    return new InetSocketAddress(bind.host(), bind.port());
  }

  private static AdminPage read(InetSocketAddress address, boolean tls) throws OperatorException {
    try {
      return tls ? AdminPage.readByTls(address, "/readyz") : AdminPage.read(address, "/readyz");
    } catch (IOException failed) {
      throw new OperatorException(
          "no response from %s: %s; check that the daemon is running"
              .formatted(address, failed.getMessage()));
    }
  }
}
