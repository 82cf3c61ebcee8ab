package org.tlsuplift.server.it.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;

/**
 * {@code gnutls-cli}, which knows no proxies.
 *
 * @param priority what it offers, in GnuTLS's words
 */
public record GnutlsDevice(String priority) implements Device {
  private static final Pattern DESCRIPTION =
      Pattern.compile("(?m)^- Description: \\((TLS[0-9.]+)[^)]*\\)-(.*)$");
  private static final Pattern SUITE = Pattern.compile("(?m)^- Description: \\([^)]*\\)-(.*)$");

  @Override
  public Visit agreed(Run run) {
    return new Visit(run.find(DESCRIPTION), run.find(SUITE), run);
  }

  @Override
  public Run attempt(Way way) {
    List<String> command = new ArrayList<>(List.of(Peers.require("gnutls-cli")));
    command.addAll(List.of("--x509cafile", way.trusted().toString(), "--priority", priority));
    command.addAll(
        way.sni() ? List.of("--sni-hostname", way.serverName()) : List.of("--disable-sni"));
    command.addAll(List.of("--verify-hostname", way.serverName()));
    command.addAll(List.of("--port", Integer.toString(way.listener().getPort())));
    command.add(way.listener().getAddress().getHostAddress());
    return Run.of(command, Map.of(), "GET / HTTP/1.0\r\n\r\n");
  }

  @Override
  public String toString() {
    return "gnutls-cli " + priority;
  }
}
