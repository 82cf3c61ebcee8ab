package org.tlsuplift.server.it.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionFactory;
import org.tlsuplift.proxy.testing.Leftovers;

/** A process that was started here: what it prints is kept, and it ends with the test. */
public final class Child implements AutoCloseable {
  /** How long to wait for what is sure to come, even on a machine with very much to do. */
  static final Duration TIMEOUT = Duration.ofMinutes(5);

  private final Process process;
  private final String command;
  private final StringBuilder output = new StringBuilder();
  private final Thread reader;
  private final Semaphore reading = new Semaphore(1);

  private Child(Process process, List<String> command) {
    this.process = process;
    this.command = String.join(" ", command);
    this.reader = new Thread(this::read, "output of " + command.get(0));
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts a program with its standard error in its standard output. */
  public static Child start(ProcessBuilder program) {
    program.command(Peers.command(program.command()));
    try {
      return new Child(Leftovers.start(program.redirectErrorStream(true)), program.command());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** One that has been started already, with its output perhaps somewhere else. */
  public static Child of(Process process, List<String> command) {
    return new Child(process, command);
  }

  /** Looks at once and then often: most of what is awaited comes soon. */
  static ConditionFactory awaiting(String what) {
    return await(what).atMost(TIMEOUT).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(20));
  }

  /** All that it has printed until now. */
  public String output() {
    synchronized (output) {
      return output.toString();
    }
  }

  /** Reads no more of what it prints, until told to: then its pipe fills. */
  void stopReading() {
    reading.acquireUninterruptibly();
  }

  void readOn() {
    reading.release();
  }

  /** Waits until it has printed this; fails when it ends without. */
  public Matcher awaitOutput(Pattern pattern) {
    awaiting(command + " to print " + pattern)
        .failFast(
            () -> assertThat(!ended() || pattern.matcher(output()).find()).as(toString()).isTrue())
        .until(() -> pattern.matcher(output()).find());
    Matcher found = pattern.matcher(output());
    assertThat(found.find()).isTrue();
    return found;
  }

  /** Waits until it has printed this or ended; tells whether it has printed this. */
  public boolean awaitOutputOrEnd(Pattern pattern) {
    awaiting(command + " to print " + pattern + " or to end")
        .until(() -> ended() || pattern.matcher(output()).find());
    return pattern.matcher(output()).find();
  }

  /** Waits until it accepts connections at all these; fails when it ends before. */
  public void awaitListening(Collection<InetSocketAddress> addresses) {
    awaitListening(Machine.HERE, addresses);
  }

  public void awaitListening(Machine machine, Collection<InetSocketAddress> addresses) {
    awaiting(command + " to listen on " + addresses)
        // In a network of the test's own, a process looks.
        .pollInterval(Duration.ofMillis(50))
        .failFast(() -> assertThat(!ended()).as(toString()).isTrue())
        .until(() -> addresses.stream().allMatch(machine::accepts));
  }

  /** Writes to its standard input; a program that has ended already shows in its output why. */
  public void type(String text) {
    try {
      OutputStream input = process.getOutputStream();
      input.write(text.getBytes(StandardCharsets.UTF_8));
      input.flush();
    } catch (IOException gone) {
      // It was quicker than we: what is awaited of it, or its exit code, tells the rest.
    }
  }

  /** Sends SIGTERM. */
  public void terminate() {
    // Process.destroy would close its output as well, and the last words would be lost.
    process.toHandle().destroy();
  }

  /** Sends a signal, by its name without SIG. */
  public void signal(String name) {
    Run.of(List.of("sh", "-c", "kill -" + name + " " + process.pid())).succeeded();
  }

  /** Waits for its end, and for the last of its output; gives the exit code. */
  public int awaitExit() {
    return awaitExit(TIMEOUT);
  }

  /** Waits so long for its end, and for the last of its output; gives the exit code. */
  public int awaitExit(Duration timeout) {
    try {
      assertThat(process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS))
          .as("%s has ended within %s:%n%s", command, timeout, output())
          .isTrue();
      reader.join(TIMEOUT.toMillis());
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
    return process.exitValue();
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    // To look for them means to read about all processes of the machine.
    List<ProcessHandle> family = process.isAlive() ? process.descendants().toList() : List.of();
    terminate();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    family.forEach(ProcessHandle::destroyForcibly);
  }

  @Override
  public String toString() {
    return command + "\n" + output();
  }

  /** Ended, and all read that it printed. */
  private boolean ended() {
    return !process.isAlive() && !reader.isAlive();
  }

  private void read() {
    char[] some = new char[8192];
    try (Reader text = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)) {
      for (int length = text.read(some); length >= 0; length = text.read(some)) {
        synchronized (output) {
          output.append(some, 0, length);
        }
        reading.acquireUninterruptibly();
        reading.release();
      }
    } catch (IOException ended) {
      // Killed: what it had printed is there.
    }
  }
}
