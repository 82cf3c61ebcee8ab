package org.tlsuplift.server.it.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.uring.IoUring;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.it.device.RawDevice;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peers;

/** io_uring is used where it works, and only there. */
class TransportIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String CONFIG =
      """
      listeners:
        - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
      """;

  private static final Pattern READY = Pattern.compile("(?m)\\bready *$");
  private static final Pattern ADDRESS = Pattern.compile("listener web: .*:(\\d+), profile");

  /** The numbers of system calls, the same on each architecture. */
  private static final int IO_URING_SETUP = 425;

  private static final int IO_URING_ENTER = 426;

  /** Refuses a system call with EPERM, and then runs the program. */
  private static final String FORBIDDEN =
      """
      import ctypes, os, struct, sys
      rules = [(0x20, 0, 0, 0), (0x15, 0, 1, %d), (0x06, 0, 0, 0x50001), (0x06, 0, 0, 0x7fff0000)]
      code = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *rule) for rule in rules))
      program = struct.pack('HxxxxxxQ', len(rules), ctypes.addressof(code))
      libc = ctypes.CDLL(None)
      assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0
      os.execvp(sys.argv[1], sys.argv[1:])
      """;

  /** With {@link #IO_URING_SETUP} as a container with the default profile of seccomp. */
  private static Machine forbidding(int systemCall) {
    return Machine.starting(Peers.require("python3"), "-c", FORBIDDEN.formatted(systemCall));
  }

  private static boolean isRing(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().contains("io_uring");
    } catch (IOException closed) {
      return false;
    }
  }

  private static void assertAnswers(Child daemon) throws Exception {
    int port = Integer.parseInt(daemon.awaitOutput(ADDRESS).group(1));
    daemon.awaitOutput(READY);
    try (RawDevice device = RawDevice.to(new InetSocketAddress(Loopback.V4, port))) {
      device.send("GET / HTTP/1.1\r\n\r\n");
      assertThat(device.readText()).startsWith("HTTP/1.1 400 ");
    }
  }

  @Test
  void isIoUringWhereItWorks() throws Exception {
    assumeTrue(IoUring.isAvailable());
    Child daemon = lab.add(Daemon.run(lab.directory("daemon"), CONFIG));
    assertAnswers(daemon);
    assertThat(daemon.output()).doesNotContain("transport:");
    try (Stream<Path> files = Files.list(Path.of("/proc/" + daemon.pid() + "/fd"))) {
      assertThat(files).anyMatch(TransportIT::isRing);
    }
    daemon.close();
  }

  /** A ring that exists may still be of no use, which only the trial finds. */
  @ParameterizedTest
  @ValueSource(ints = {IO_URING_SETUP, IO_URING_ENTER})
  void isEpollWhereIoUringIsForbidden(int systemCall) throws Exception {
    Child daemon = lab.add(Daemon.run(forbidding(systemCall), lab.directory("daemon"), CONFIG));
    assertAnswers(daemon);
    assertThat(daemon.output()).contains("transport: epoll, because io_uring does not work here: ");
    daemon.close();
  }

  @Test
  void aForbiddenIoUringThatIsConfiguredIsNamed() {
    Child daemon =
        lab.add(
            Daemon.run(
                forbidding(IO_URING_SETUP),
                lab.directory("daemon"),
                CONFIG + "transport: io_uring\n"));
    assertThat(daemon.awaitExit()).isEqualTo(2);
    assertThat(daemon.output())
        .contains("transport: 'io_uring' is not available on this machine: ", "write 'auto'");
  }
}
