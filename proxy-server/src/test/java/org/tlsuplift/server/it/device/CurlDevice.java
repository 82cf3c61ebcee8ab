package org.tlsuplift.server.it.device;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;

/**
 * {@code curl}.
 *
 * @param version the newest version it offers, such as 1.0
 * @param ciphers what it offers, in OpenSSL's words
 */
public record CurlDevice(String version, String ciphers) implements Device {
  private static final Pattern VERSION = Pattern.compile("SSL connection using (\\S+) /");
  private static final Pattern SUITE = Pattern.compile("SSL connection using \\S+ / (\\S+)");

  @Override
  public Visit agreed(Run run) {
    return new Visit(run.find(VERSION), run.find(SUITE), run);
  }

  @Override
  public Run attempt(Way way) {
    return attempt(way, new String[0]);
  }

  public Run attempt(Way way, String... options) {
    return Run.of(command(way, options));
  }

  /** The program with its options and the address. */
  public List<String> command(Way way, String... options) {
    List<String> command = new ArrayList<>(List.of(Peers.require("curl"), "-sSv", "--http1.1"));
    command.addAll(List.of("--max-time", "120", "--cacert", way.trusted().toString()));
    command.addAll(List.of("--tlsv1.0", "--tls-max", version));
    command.addAll(List.of("--ciphers", ciphers + ":@SECLEVEL=0"));
    if (way.connect()) {
      command.addAll(
          List.of("--noproxy", "", "--proxy", "http://" + Loopback.text(way.listener())));
      command.addAll(List.of("--connect-to", "::" + way.origin()));
    } else {
      command.addAll(List.of("--connect-to", "::" + Loopback.text(way.listener())));
    }
    command.addAll(List.of(options));
    String name = way.serverName().contains(":") ? "[" + way.serverName() + "]" : way.serverName();
    command.add("https://" + name + way.origin().substring(way.origin().lastIndexOf(':')) + "/");
    return command;
  }

  @Override
  public String toString() {
    return "curl " + version + " " + ciphers;
  }
}
