package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Switch;
import org.tlsuplift.server.it.peer.ShippedHaproxy;

/**
 * The shared address of two machines with HAProxy, by a real keepalived, each in a network
 * namespace of its own, with the configurations and the addresses that operators copy.
 */
class KeepalivedIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final Path KEEPALIVED = Path.of("..", "config", "haproxy", "keepalived.conf");
  private static final String SHARED = "192.168.1.5";

  /** One failed check of the script, and the word of the other machine; see the file. */
  private static final Duration HAPROXY_ENDS = Duration.ofSeconds(6);

  /** Three missed words, a second each; see the file. */
  private static final Duration MACHINE_ENDS = Duration.ofSeconds(8);

  private static Switch network;

  /** HAProxy and keepalived of one machine. */
  private record Node(String name, Path pidFile, Path haproxy, Child keepalived) {}

  @BeforeAll
  static void start() {
    network =
        Switch.start(
            lab, Map.of("lb1", "192.168.1.2", "lb2", "192.168.1.3", "device", "192.168.1.100"));
  }

  private static Node node(String name) throws IOException {
    Path folder = lab.directory(name);
    Path pidFile = folder.resolve("haproxy.pid");
    Path haproxy =
        Lab.write(
            folder.resolve("haproxy.cfg"),
            Files.readString(ShippedHaproxy.FILE).replace("/dev/log", "stdout format raw"));
    String config = Files.readString(KEEPALIVED);
    assertThat(config).contains("/run/haproxy.pid");
    Path keepalived =
        Lab.write(
            folder.resolve("keepalived.conf"),
            config.replace("/run/haproxy.pid", pidFile.toString()));
    network
        .run(
            name,
            Peers.require("keepalived"),
            "--config-test",
            "-i",
            name,
            "-f",
            keepalived.toString())
        .succeeded();
    network.run(name, Peers.require("haproxy"), "-c", "-f", haproxy.toString()).succeeded();
    startHaproxy(name, pidFile, haproxy);
    return new Node(
        name,
        pidFile,
        haproxy,
        lab.add(
            network.start(
                name,
                List.of(
                    Peers.require("keepalived"),
                    "-n",
                    "-l",
                    "-D",
                    "-i",
                    name,
                    "-f",
                    keepalived.toString(),
                    "-p",
                    folder.resolve("pid").toString(),
                    "-r",
                    folder.resolve("vrrp.pid").toString()))));
  }

  private static void startHaproxy(String name, Path pidFile, Path config) {
    network
        .run(
            name, Peers.require("haproxy"), "-D", "-p", pidFile.toString(), "-f", config.toString())
        .succeeded();
    lab.add(() -> endHaproxy(pidFile));
  }

  private static void endHaproxy(Path pidFile) throws IOException {
    if (Files.exists(pidFile)) {
      long pid = Long.parseLong(Files.readString(pidFile).strip());
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  private static void awaitAddress(Node at, Duration timeout, List<Node> all) {
    await(SHARED + " at " + at + " in " + all)
        .atMost(timeout)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> network.addresses(at.name).contains(" " + SHARED + "/"));
  }

  private static void deviceReachesIt() {
    await("a device connects to the shared address")
        .atMost(Duration.ofSeconds(5))
        .until(
            () ->
                network
                        .run(
                            "device",
                            Peers.require("socat"),
                            "-u",
                            "/dev/null",
                            "TCP:" + SHARED + ":3128")
                        .exit()
                    == 0);
  }

  @Test
  void theAddressMovesWhenHaproxyEndsAndWhenTheMachineDoes() throws IOException {
    Node one = node("lb1");
    Node two = node("lb2");
    List<Node> all = new ArrayList<>(List.of(one, two));
    awaitAddress(one, MACHINE_ENDS, all);
    deviceReachesIt();

    endHaproxy(one.pidFile);

    awaitAddress(two, HAPROXY_ENDS, all);
    deviceReachesIt();
    assertThat(network.addresses("lb1")).doesNotContain(SHARED);

    int mark = one.keepalived.output().length();
    startHaproxy("lb1", one.pidFile, one.haproxy);
    await("lb1 is well again in " + all)
        .atMost(HAPROXY_ENDS)
        .until(() -> one.keepalived.output().substring(mark).contains("now returning 0"));
    assertThat(network.addresses("lb2")).as("it does not move back").contains(SHARED);

    network.cut("lb2");

    awaitAddress(one, MACHINE_ENDS, all);
    deviceReachesIt();
  }
}
