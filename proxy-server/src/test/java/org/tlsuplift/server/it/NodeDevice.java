package org.tlsuplift.server.it;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Node.js 8 with its own OpenSSL 1.0.2, as old as a device of 2015.
 *
 * @param method its method, such as {@code TLSv1_method}
 * @param ciphers what it offers, in OpenSSL's words
 */
record NodeDevice(String method, String ciphers) implements Device {
  private static final Pattern VERSION = Pattern.compile("agreed (\\S+) \\S+");
  private static final Pattern SUITE = Pattern.compile("agreed \\S+ (\\S+)");

  @Override
  public Visit visit(Way way) {
    Run run = attempt(way).succeeded();
    return new Visit(run.find(VERSION), run.find(SUITE), run);
  }

  @Override
  public Run attempt(Way way) {
    return Run.of(
        List.of(
            Peers.node8(),
            Resources.path("device.js").toString(),
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
    return "node 8 " + method + " " + ciphers;
  }
}
