package org.tlsuplift.server.log;

import ch.qos.logback.core.joran.spi.ConsoleTarget;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Standard output, which the log of the daemon uses too: each line is written at once. */
final class StandardOutput implements LineSink {
  private final LineFormat format;
  private final byte[] prefix;

  /** The one that Logback writes to. */
  private final OutputStream output = ConsoleTarget.SystemOut.getStream();

  /**
   * Writes with a prefix.
   *
   * @param prefix before each line, such as its priority for the journal of systemd
   */
  StandardOutput(LineFormat format, String prefix) {
    this.format = format;
    this.prefix = prefix.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void write(LogEntry entry) throws IOException {
    byte[] line = format.line(entry);
    byte[] whole = new byte[prefix.length + line.length];
    System.arraycopy(prefix, 0, whole, 0, prefix.length);
    System.arraycopy(line, 0, whole, prefix.length, line.length);
    output.write(whole);
  }

  @Override
  public void flush() throws IOException {
    output.flush();
  }

  @Override
  public String remedy() {
    return "check what reads standard output";
  }

  @Override
  public void close() {
    // Standard output stays open.
  }
}
