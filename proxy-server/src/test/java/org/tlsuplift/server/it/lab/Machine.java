package org.tlsuplift.server.it.lab;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where a program runs: on this machine, or in a network of the test's own. */
public interface Machine {
  /** This one, with its loopback. */
  Machine HERE =
      new Machine() {
        @Override
        public List<String> command(List<String> program) {
          return program;
        }

        @Override
        public boolean accepts(InetSocketAddress address) {
          return Loopback.accepts(address);
        }
      };

  /** This one, with programs started by another, such as prlimit, that takes their command. */
  static Machine starting(String... by) {
    return new Machine() {
      @Override
      public List<String> command(List<String> program) {
        return Stream.concat(Stream.of(by), program.stream()).toList();
      }

      @Override
      public boolean accepts(InetSocketAddress address) {
        return HERE.accepts(address);
      }
    };
  }

  /** This one, with a disk of its own in a directory, for which one has to be root. */
  static Machine withDisk(Path directory, String options) {
    Peers.requireMounts();
    String mount = "mount -t tmpfs -o %s disk '%s'".formatted(options, directory);
    return starting(
        Peers.require("unshare"), "--mount", "sh", "-c", mount + " && exec \"$@\"", "sh");
  }

  /** Changes a mount that only a process sees, such as the disk of {@link #withDisk}. */
  static void remount(long pid, Path directory, String options) {
    Run.of(
            List.of(
                Peers.require("nsenter"),
                "--target",
                String.valueOf(pid),
                "--mount",
                "mount",
                "-o",
                "remount," + options,
                directory.toString()))
        .succeeded();
  }

  /** The command that runs a program there. */
  List<String> command(List<String> program);

  /** Whether somebody accepts connections there, asked from there. */
  boolean accepts(InetSocketAddress address);
}
