package org.tlsuplift.server.it.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tlsuplift.proxy.testing.Leftovers;

/** Machines on one switch: network namespaces, each with an interface eth0, on a bridge. */
public final class Switch implements AutoCloseable {
  private final String prefix = "upl" + ProcessHandle.current().pid() % 100_000 + "-";
  private final List<String> namespaces = new ArrayList<>();

  private Switch() {}

  /**
   * Makes a network, which ends with the lab.
   *
   * @param machines names and addresses of IPv4, all in one /24
   */
  public static Switch start(Lab lab, Map<String, String> machines) {
    Peers.requireNetworks();
    Switch network = lab.add(new Switch());
    network.namespace("sw");
    ip("-n", network.prefix + "sw", "link", "add", "br0", "type", "bridge");
    ip("-n", network.prefix + "sw", "link", "set", "br0", "up");
    machines.forEach(network::machine);
    return network;
  }

  private void namespace(String name) {
    ip("netns", "add", prefix + name);
    Leftovers.afterwards("ip netns del " + prefix + name);
    namespaces.add(prefix + name);
    ip("-n", prefix + name, "link", "set", "lo", "up");
  }

  private void machine(String name, String address) {
    namespace(name);
    String there = prefix + "sw";
    ip(
        "-n",
        there,
        "link",
        "add",
        name,
        "type",
        "veth",
        "peer",
        "name",
        "eth0",
        "netns",
        prefix + name);
    ip("-n", there, "link", "set", name, "master", "br0", "up");
    ip("-n", prefix + name, "addr", "add", address + "/24", "dev", "eth0");
    ip("-n", prefix + name, "link", "set", "eth0", "up");
  }

  /** The addresses of a machine, as ip tells them. */
  public String addresses(String machine) {
    return ip("-n", prefix + machine, "-4", "addr", "show", "dev", "eth0").output();
  }

  /** Pulls the plug of a machine. */
  public void cut(String machine) {
    ip("-n", prefix + "sw", "link", "set", machine, "down");
  }

  /** Runs a program on a machine, to its end. */
  public Run run(String machine, String... command) {
    return Run.of(on(machine, List.of(command)));
  }

  public Child start(String machine, List<String> command) {
    return Child.start(new ProcessBuilder(on(machine, command)));
  }

  private List<String> on(String machine, List<String> command) {
    List<String> all =
        new ArrayList<>(List.of(Peers.require("ip"), "netns", "exec", prefix + machine));
    all.addAll(Peers.command(command));
    return all;
  }

  private static Run ip(String... arguments) {
    List<String> command = new ArrayList<>(List.of(Peers.require("ip")));
    command.addAll(List.of(arguments));
    return Run.of(command).succeeded();
  }

  @Override
  public void close() {
    namespaces.forEach(name -> ip("netns", "del", name));
  }
}
