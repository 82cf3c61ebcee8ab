package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;

/** The options that the manual has for a machine like a Raspberry Pi. */
class SmallMachineIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int DEVICES = 200;

  /** The options that the manual's page recommends. */
  private static final List<String> OPTIONS = List.of("-Xmx64m", "-XX:TieredStopAtLevel=1");

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** Each device has an address of its own, and sends a message before and after all are there. */
  private static final String OLD_DEVICES =
      """
      import socket, ssl, sys, warnings
      warnings.simplefilter("ignore")
      port, trusted, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
      context = ssl.create_default_context(cafile=trusted)
      context.set_ciphers("ALL:@SECLEVEL=0")
      context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
      def talk(device, text):
          device.sendall(text)
          got = b""
          while len(got) < len(text):
              got += device.recv(4096) or sys.exit("a session ended")
          assert got == text, got
      devices = []
      for number in range(count):
          address = "127.0.1.%d" % (number + 1)
          plain = socket.create_connection(("127.0.0.1", port), 30, (address, 0))
          devices.append(context.wrap_socket(plain, server_hostname="localhost"))
          assert devices[-1].version() == "TLSv1"
          talk(devices[-1], b"a message of device %d\\n" % number)
      print("open", flush=True)
      sys.stdin.readline()
      for device in devices:
          talk(device, b"x" * 8000 + b"\\n")
          device.close()
      print("closed", flush=True)
      """;

  private final TestCa ca = new TestCa(lab);

  @Test
  void servesTwoHundredDevicesOfTls10AtOnce() throws Exception {
    String python = Peers.require("python3");
    JsseOrigin origin = JsseOrigin.start(lab, ca.issue("localhost"), Conversations::echo);
    Daemon daemon =
        Daemon.start(
            lab,
            small(),
            """
            listeners:
              - {name: fixed, bind: "127.0.0.1:0", accept: fixed, origin: "%s", profile: legacy}
            routes:
              - {to: ["localhost:*"], action: bridge}
            upstream: {trust: "%s"}
            """
                .formatted(origin.byName(), ca.file()));
    Child devices =
        lab.add(
            Child.start(
                new ProcessBuilder(
                    python,
                    lab.file("devices.py", OLD_DEVICES).toString(),
                    Integer.toString(daemon.listener("fixed").getPort()),
                    daemon.authority().toString(),
                    Integer.toString(DEVICES))));
    devices.awaitOutput(Pattern.compile("open"));
    daemon.awaitSessions(DEVICES);
    devices.type("\n");
    devices.awaitOutput(Pattern.compile("closed"));
    daemon.awaitSessions(0);
    assertThat(peakKib(daemon)).as("of the resident memory").isLessThan(256 << 10);
    assertThat(daemon.metrics().sum("tlsuplift_sessions_total", "reason", "overloaded")).isZero();
    daemon.terminate();
    assertThat(daemon.awaitExit(TIMEOUT)).isZero();
    assertThat(daemon.output()).doesNotContain("OutOfMemory", "inventory: full");
    String list =
        CommandLineRun.of("devices", "--config", Daemon.config(daemon.folder()).toString())
            .succeeded()
            .output();
    assertThat(list.lines().filter(line -> line.contains("127.0.1."))).hasSize(DEVICES);
  }

  private static int peakKib(Daemon daemon) throws Exception {
    return Files.readAllLines(Path.of("/proc/" + daemon.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToInt(line -> Integer.parseInt(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  private static Machine small() {
    return new Machine() {
      @Override
      public List<String> command(List<String> program) {
        List<String> command = new ArrayList<>(program);
        command.addAll(command.indexOf("-jar"), OPTIONS);
        return command;
      }

      @Override
      public boolean accepts(InetSocketAddress address) {
        return HERE.accepts(address);
      }
    };
  }
}
