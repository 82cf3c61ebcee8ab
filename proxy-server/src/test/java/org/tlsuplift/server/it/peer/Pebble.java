package org.tlsuplift.server.it.peer;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;

/**
 * Pebble, a small CA with ACME (RFC 8555). For it, every name has the address 127.0.0.1. It checks
 * HTTP-01 challenges at a port of its own.
 */
public final class Pebble {
  private static final String CONFIG =
      """
      {"pebble": {
        "listenAddress": "%s",
        "managementListenAddress": "%s",
        "certificate": "%s",
        "privateKey": "%s",
        "httpPort": %d,
        "tlsPort": %d,
        "retryAfter": {"authz": 1, "order": 1},
        "certificateValidityPeriod": 7776000
      }}
      """;

  private final Lab lab;
  private final TestCa own;
  private final InetSocketAddress acme;
  private final InetSocketAddress management;
  private final int challenges;

  private Pebble(
      Lab lab, TestCa own, InetSocketAddress acme, InetSocketAddress management, int challenges) {
    this.lab = lab;
    this.own = own;
    this.acme = acme;
    this.management = management;
    this.challenges = challenges;
  }

  /** Starts one, which ends with the lab. */
  public static Pebble start(Lab lab) {
    String names = names(lab);
    TestCa own = new TestCa(lab);
    Identity identity = own.issue("localhost");
    Pebble pebble = new Pebble(lab, own, address(), address(), address().getPort());
    String config =
        CONFIG.formatted(
            Loopback.text(pebble.acme),
            Loopback.text(pebble.management),
            identity.certificateFile(),
            identity.keyFile(),
            pebble.challenges,
            address().getPort());
    ProcessBuilder program =
        new ProcessBuilder(
            List.of(
                Peers.require("pebble"),
                "-config",
                lab.file("pebble.json", config).toString(),
                "-dnsserver",
                names));
    program.environment().put("PEBBLE_VA_NOSLEEP", "1");
    program.environment().put("PEBBLE_WFE_NONCEREJECT", "0");
    lab.add(Child.start(program)).awaitListening(List.of(pebble.acme, pebble.management));
    return pebble;
  }

  private static String names(Lab lab) {
    InetSocketAddress dns = address();
    InetSocketAddress management = address();
    List<String> off =
        List.of("-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", "", "-defaultIPv6", "");
    ProcessBuilder program = new ProcessBuilder(Peers.require("pebble-challtestsrv"));
    program.command().addAll(off);
    program.command().addAll(List.of("-dns01", Loopback.text(dns)));
    program.command().addAll(List.of("-management", Loopback.text(management)));
    lab.add(Child.start(program)).awaitListening(List.of(dns, management));
    return Loopback.text(dns);
  }

  private static InetSocketAddress address() {
    return new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
  }

  /** Its directory, at which ACME clients begin. */
  public String directory() {
    return "https://localhost:" + acme.getPort() + "/dir";
  }

  /** The CA of its own certificate, which ACME clients have to trust. */
  public Path trusted() {
    return own.file();
  }

  /** The port at which it asks for HTTP-01 challenges, instead of 80. */
  public int challenges() {
    return challenges;
  }

  /** The root of the certificates that it issues. */
  public Path root() {
    String pem =
        Run.of(
                List.of(
                    Peers.require("curl"),
                    "--silent",
                    "--show-error",
                    "--fail",
                    "--cacert",
                    own.file().toString(),
                    "https://localhost:" + management.getPort() + "/roots/0"))
            .succeeded()
            .output();
    return lab.file("acme-root.pem", pem);
  }
}
