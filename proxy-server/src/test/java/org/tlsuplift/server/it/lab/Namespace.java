package org.tlsuplift.server.it.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.proxy.testing.Leftovers;

/** A network namespace of Linux: as good as a machine of its own. */
public record Namespace(String name) implements Machine, AutoCloseable {
  /** Makes one, with nothing in it but loopback. */
  public static Namespace create(Lab lab, String name) {
    Peers.requireNetworks();
    Run.of(List.of(Peers.require("ip"), "netns", "add", name)).succeeded();
    Leftovers.afterwards("ip netns del " + name + "; rm -rf /etc/netns/" + name);
    Namespace made = lab.add(new Namespace(name));
    made.ip("link", "set", "lo", "up");
    return made;
  }

  @Override
  public List<String> command(List<String> program) {
    List<String> found = Peers.command(program);
    List<String> command = new ArrayList<>(List.of(Peers.require("ip"), "netns", "exec", name));
    command.addAll(found);
    return command;
  }

  /** Runs a program there that must succeed. */
  public Run run(String... program) {
    return Run.of(command(Arrays.asList(program))).succeeded();
  }

  /** Sets up its network. */
  public void ip(String... arguments) {
    List<String> command = new ArrayList<>(List.of(Peers.require("ip"), "-n", name));
    command.addAll(Arrays.asList(arguments));
    Run.of(command).succeeded();
  }

  @Override
  public boolean accepts(InetSocketAddress address) {
    return Run.of(
                command(
                    List.of(
                        "bash",
                        "-c",
                        "exec 3<>/dev/tcp/$0/$1",
                        address.getAddress().getHostAddress(),
                        Integer.toString(address.getPort()))))
            .exit()
        == 0;
  }

  /** What programs there read instead of a file of /etc. */
  public void etc(String file, String text) {
    try {
      Lab.write(Files.createDirectories(etc()).resolve(file), text);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private Path etc() {
    return Path.of("/etc/netns", name);
  }

  @Override
  public void close() throws IOException {
    Run.of(List.of(Peers.require("ip"), "netns", "del", name)).succeeded();
    if (Files.isDirectory(etc())) {
      try (Stream<Path> files = Files.list(etc())) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(etc());
    }
  }
}
