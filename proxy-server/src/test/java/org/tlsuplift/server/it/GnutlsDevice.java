package org.tlsuplift.server.it;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * {@code gnutls-cli}, which knows no proxies.
 *
 * @param priority what it offers, in GnuTLS's words
 */
record GnutlsDevice(String priority) implements Device {
  private static final Pattern DESCRIPTION =
      Pattern.compile("(?m)^- Description: \\((TLS[0-9.]+)[^)]*\\)-(.*)$");
  private static final Pattern SUITE = Pattern.compile("(?m)^- Description: \\([^)]*\\)-(.*)$");

  @Override
  public Visit visit(Way way) {
    Run run = attempt(way).succeeded();
    return new Visit(run.find(DESCRIPTION), run.find(SUITE), run);
  }

  @Override
  public Run attempt(Way way) {
    return Run.of(
        List.of(
            Peers.require("gnutls-cli"),
            "--x509cafile",
            way.trusted().toString(),
            "--priority",
            priority,
            "--sni-hostname",
            way.serverName(),
            "--verify-hostname",
            way.serverName(),
            "--port",
            Integer.toString(way.listener().getPort()),
            way.listener().getAddress().getHostAddress()),
        Map.of(),
        "GET / HTTP/1.0\r\n\r\n");
  }

  @Override
  public String toString() {
    return "gnutls-cli " + priority;
  }
}
