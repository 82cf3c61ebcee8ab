package org.tlsuplift.bench;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A running proxy, what it has used, and its ports for each origin. */
final class Contestant implements AutoCloseable {
  private static final long READY_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final String name;
  private final Ports ports;
  private final Process process;

  /**
   * One port per origin.
   *
   * @param full for the origin that resumes nothing
   * @param resuming for the origin that resumes
   * @param rogue for the origin that nobody may trust
   */
  record Ports(int full, int resuming, int rogue) {
    List<Integer> all() {
      return List.of(full, resuming, rogue);
    }
  }

  private Contestant(String name, Ports ports, Process process) {
    this.name = name;
    this.ports = ports;
    this.process = process;
  }

  /** Starts a process, writes what it says to NAME.log, and waits until its ports are open. */
  static Contestant start(String name, Ports ports, List<String> command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log(name)))
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    Contestant contestant = new Contestant(name, ports, process);
    contestant.await(ports);
    return contestant;
  }

  /** Waits until these are open, or ends the process. */
  void await(Ports some) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + READY_NANOS;
    for (int port : some.all()) {
      while (!isOpen(port)) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          close();
          throw new IOException(
              name + " does not listen on port " + port + "; see " + log(name).getAbsolutePath());
        }
        Thread.sleep(5);
      }
    }
  }

  private static File log(String name) {
    return new File(name + ".log");
  }

  private static boolean isOpen(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  String name() {
    return name;
  }

  Ports ports() {
    return ports;
  }

  private Stream<ProcessHandle> tree() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants());
  }

  /** User and system time of the process tree so far, ms; the kernel counts in steps of 10. */
  long cpuMillis() {
    return tree().mapToLong(Contestant::cpuMillis).sum();
  }

  /** User and system time of each thread of the process so far, in nanoseconds. */
  Map<String, Long> cpuNanosByThread() throws IOException {
    return Threads.cpuNanos(process.pid());
  }

  private static long cpuMillis(ProcessHandle one) {
    String stat = read(Path.of("/proc", Long.toString(one.pid()), "stat"));
    // proc_pid_stat(5): utime and stime are fields 14 and 15; the name before may have blanks.
    String[] behindName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(behindName[11]) + Long.parseLong(behindName[12])) * 10;
  }

  /** Memory of the process tree in KiB, pages shared with other processes divided among them. */
  long pssKib() {
    return tree().mapToLong(one -> kib(one, "smaps_rollup", "Pss:")).sum();
  }

  /** Memory of the process tree in KiB, as if nothing were shared with other processes. */
  long rssKib() {
    return tree().mapToLong(one -> kib(one, "status", "VmRSS:")).sum();
  }

  /** The most memory that the process has had so far, in KiB. */
  long peakKib() {
    return kib(process.toHandle(), "status", "VmHWM:");
  }

  /** KiB of the Java heap that are in use after a full collection. */
  long heapKib() throws IOException, InterruptedException {
    jcmd("GC.run");
    // "def new generation   total 4928K, used 391K [...", a line for each generation.
    return jcmd("GC.heap_info")
        .lines()
        .filter(line -> line.contains("generation") && line.contains("used"))
        .mapToLong(line -> Long.parseLong(line.replaceAll(".*used (\\d+)K.*", "$1")))
        .sum();
  }

  private String jcmd(String command) throws IOException, InterruptedException {
    Process asked =
        new ProcessBuilder("jcmd", Long.toString(process.pid()), command)
            .redirectErrorStream(true)
            .start();
    String answer = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (asked.waitFor() != 0) {
      throw new IOException("jcmd " + command + ": " + answer);
    }
    return answer;
  }

  private static long kib(ProcessHandle one, String file, String key) {
    return read(Path.of("/proc", Long.toString(one.pid()), file))
        .lines()
        .filter(line -> line.startsWith(key))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  /** Ends the process: this one and what it started, by process ID. */
  @Override
  public void close() {
    List<ProcessHandle> started = tree().toList();
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        started.forEach(ProcessHandle::destroyForcibly);
      }
    } catch (InterruptedException interrupted) {
      started.forEach(ProcessHandle::destroyForcibly);
      Thread.currentThread().interrupt();
    }
  }
}
