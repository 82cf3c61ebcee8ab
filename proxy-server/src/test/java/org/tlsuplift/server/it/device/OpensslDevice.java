package org.tlsuplift.server.it.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;

/**
 * {@code openssl s_client}.
 *
 * @param version its option for the only version it offers, such as {@code -tls1}
 * @param ciphers what it offers, in OpenSSL's words
 * @param options more options
 */
public record OpensslDevice(String version, String ciphers, List<String> options)
    implements Device {
  private static final Pattern VERSION = Pattern.compile("(?m)^ *Protocol *: (\\S+)");
  private static final Pattern SUITE = Pattern.compile("(?m)^ *Cipher *: (\\S+)");
  private static final String REQUEST = "GET / HTTP/1.0\r\n\r\n";

  public OpensslDevice(String version, String ciphers) {
    this(version, ciphers, List.of());
  }

  @Override
  public Visit agreed(Run run) {
    return new Visit(run.find(VERSION), run.find(SUITE), run);
  }

  @Override
  public Run attempt(Way way) {
    return attempt(way, new String[0]);
  }

  Run attempt(Way way, String... options) {
    List<String> command = command(way);
    command.addAll(List.of(options));
    return Run.of(command, Map.of(), REQUEST);
  }

  /** The program with its options; it stays until the origin closes. */
  public List<String> command(Way way) {
    List<String> command =
        new ArrayList<>(List.of(Peers.require("openssl"), "s_client", "-ign_eof", version));
    if (way.connect()) {
      command.addAll(List.of("-proxy", Loopback.text(way.listener()), "-connect", way.origin()));
    } else {
      command.addAll(List.of("-connect", Loopback.text(way.listener())));
    }
    command.addAll(way.sni() ? List.of("-servername", way.serverName()) : List.of("-noservername"));
    command.addAll(List.of(way.byName() ? "-verify_hostname" : "-verify_ip", way.serverName()));
    command.addAll(List.of("-CAfile", way.trusted().toString(), "-no-CApath", "-no-CAstore"));
    command.addAll(List.of("-verify_return_error", "-cipher", ciphers + ":@SECLEVEL=0"));
    command.addAll(options);
    return command;
  }

  @Override
  public String toString() {
    return "openssl s_client " + version + " " + ciphers;
  }
}
