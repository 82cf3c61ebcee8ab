package org.tlsuplift.server.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A socket that systemd opened for this process.
 *
 * @param descriptor its number in this process, from 3
 * @param name the FileDescriptorName= of its .socket unit; the name of the unit by default
 */
public record PassedSocket(int descriptor, String name) {
  private static final int FIRST_DESCRIPTOR = 3;

  /** More would be an error in the environment: systemd passes a few. */
  private static final int MAX_SOCKETS = 1024;

  /** O_NONBLOCK of Linux, on the architectures that this program supports. */
  private static final int NONBLOCK = 04000;

  static List<PassedSocket> of(Map<String, String> environment, long pid) {
    if (!String.valueOf(pid).equals(environment.get("LISTEN_PID"))) {
      return List.of();
    }
    int count = number(environment.getOrDefault("LISTEN_FDS", ""));
    String[] names = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
    List<PassedSocket> sockets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sockets.add(new PassedSocket(FIRST_DESCRIPTOR + i, i < names.length ? names[i] : ""));
    }
    return sockets;
  }

  /** Whether the socket belongs to a unit without FileDescriptorName=. */
  public boolean isUnnamed() {
    return name.isEmpty() || name.endsWith(".socket");
  }

  /**
   * Whether reading from the socket may block. An event loop must not use such a socket.
   *
   * @throws IOException if this process has no such descriptor
   */
  public boolean isBlocking() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + descriptor))) {
      if (line.startsWith("flags:")) {
        return (Integer.parseInt(line.substring("flags:".length()).strip(), 8) & NONBLOCK) == 0;
      }
    }
    throw new IOException("the kernel does not report the flags of descriptor " + descriptor);
  }

  private static int number(String text) {
    try {
      return Math.max(0, Math.min(Integer.parseInt(text), MAX_SOCKETS));
    } catch (NumberFormatException notSystemd) {
      return 0;
    }
  }
}
