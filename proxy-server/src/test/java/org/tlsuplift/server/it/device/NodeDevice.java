package org.tlsuplift.server.it.device;

import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Resources;
import org.tlsuplift.server.it.lab.Run;

/**
 * Node.js with an OpenSSL of its own: 0.8 has 1.0.0, a device of 2012; 0.10 and 0.12 have 1.0.1 of
 * 2014 with SSL 3.0; 4, 6 and 8 have 1.0.2 of 2015 to 2019 without.
 *
 * @param release such as {@code 0.10}
 * @param method its method for the only version it offers, such as {@code TLSv1_method}
 * @param ciphers what it offers, in OpenSSL's words
 */
public record NodeDevice(String release, String method, String ciphers) implements Device {
  private static final Pattern VERSION = Pattern.compile("agreed (\\S+) \\S+");
  private static final Pattern SUITE = Pattern.compile("agreed \\S+ (\\S+)");

  @Override
  public Visit agreed(Run run) {
    return new Visit(run.find(VERSION), run.find(SUITE), run);
  }

  @Override
  public Run attempt(Way way) {
    return Run.of(
        List.of(
            Peers.node(release),
            Resources.path("device.js").toString(),
            way.listener().getAddress().getHostAddress(),
            Integer.toString(way.listener().getPort()),
            way.connect() ? way.origin() : "",
            way.serverName(),
            way.sni() ? way.serverName() : "",
            way.trusted().toString(),
            method,
            ciphers));
  }

  @Override
  public String toString() {
    return "node " + release + " " + method + " " + ciphers;
  }
}
