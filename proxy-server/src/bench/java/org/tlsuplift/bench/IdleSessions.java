package org.tlsuplift.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.tlsuplift.bench.load.IdleDevices;

/** Idle sessions at a proxy. A process of their own holds the devices' side. */
final class IdleSessions implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;
  private final int opened;

  private IdleSessions(Process process) throws IOException {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.US_ASCII);
    this.opened = number();
  }

  /** Opens sessions, and waits until each of them has had a response or an error. */
  static IdleSessions open(int port, int count) throws IOException {
    Process process =
        new ProcessBuilder(
                List.of(
                    ProcessHandle.current().info().command().orElse("java"),
                    "-Xmx512m",
                    "-XX:+UseSerialGC",
                    "-Dio.netty.leakDetection.level=disabled",
                    "-cp",
                    System.getProperty("java.class.path"),
                    IdleDevices.class.getName(),
                    Integer.toString(port),
                    Integer.toString(count)))
            .redirectError(ProcessBuilder.Redirect.appendTo(new File("idle.log")))
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return new IdleSessions(process);
  }

  private int number() throws IOException {
    String line = output.readLine();
    if (line == null) {
      throw new IOException("the process of the idle sessions has ended; see idle.log");
    }
    return Integer.parseInt(line);
  }

  /** Those that were opened. */
  int opened() {
    return opened;
  }

  /** Makes a request in each session. Returns how many got a response. */
  int alive() throws IOException {
    OutputStream input = process.getOutputStream();
    input.write('\n');
    input.flush();
    return number();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
