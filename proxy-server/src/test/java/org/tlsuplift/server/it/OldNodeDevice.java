package org.tlsuplift.server.it;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Node.js 0.10 or 0.12 with its own OpenSSL 1.0.1, as old as a device of 2013: it still has SSL
 * 3.0.
 *
 * @param release such as {@code 0.10}
 * @param method its method, such as {@code SSLv3_method}; it cannot tell the version otherwise
 * @param ciphers what it offers, in OpenSSL's words
 */
record OldNodeDevice(String release, String method, String ciphers) implements Device {
  private static final Pattern METHOD = Pattern.compile("agreed (\\S+) \\S+");
  private static final Pattern SUITE = Pattern.compile("agreed \\S+ (\\S+)");

  @Override
  public Visit visit(Way way) {
    Run run = attempt(way).succeeded();
    return new Visit(run.find(METHOD), run.find(SUITE), run);
  }

  @Override
  public Run attempt(Way way) {
    return Run.of(
        List.of(
            Peers.node(release),
            Resources.path("old-device.js").toString(),
            way.listener().getAddress().getHostAddress(),
            Integer.toString(way.listener().getPort()),
            way.connect() ? way.origin() : "",
            way.serverName(),
            way.trusted().toString(),
            method,
            ciphers));
  }

  @Override
  public String toString() {
    return "node " + release + " " + method + " " + ciphers;
  }
}
