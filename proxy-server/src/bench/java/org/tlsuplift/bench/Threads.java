package org.tlsuplift.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the threads of a process have used. */
final class Threads {
  private Threads() {}

  /**
   * Time on a processor of each thread so far, by the 15 characters of its name that Linux keeps.
   * Threads that have ended are missing.
   */
  static Map<String, Long> cpuNanos(long process) throws IOException {
    Map<String, Long> threads = new TreeMap<>();
    try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(process), "task"))) {
      for (Path task : all.toList()) {
        try {
          String name = Files.readString(task.resolve("comm")).strip();
          String used = Files.readString(task.resolve("schedstat")).split(" ", 2)[0];
          threads.merge(name, Long.parseLong(used), Long::sum);
        } catch (IOException ended) {
          // A thread that ends meanwhile.
        }
      }
    }
    return threads;
  }
}
