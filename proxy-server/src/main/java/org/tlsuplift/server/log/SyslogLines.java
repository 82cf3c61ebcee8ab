package org.tlsuplift.server.log;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A syslog server. While it cannot be reached, lines wait in the queue of {@link AccessLog}. */
final class SyslogLines implements LineSink {
  private static final Logger log = LoggerFactory.getLogger(SyslogLines.class);

  private final LineFormat format;
  private final SyslogOutput output;
  private final LongAdder lost = new LongAdder();

  SyslogLines(LineFormat format, SyslogServer server) {
    this.format = format;
    this.output = new SyslogOutput(server, SyslogLines::unreachable);
  }

  @Override
  public void write(LogEntry entry) {
    String id =
        entry instanceof LogEntry.Session
            ? "session"
            : entry instanceof LogEntry.Message ? "message" : "audit";
    String line = new String(format.line(entry), StandardCharsets.UTF_8);
    if (!output.send(
        new SyslogMessage(
            Clock.systemUTC().instant(), SyslogMessage.Severity.INFORMATIONAL, id, line))) {
      lost.increment();
    }
  }

  private static void unreachable(SyslogServer server, IOException failed) {
    log.atWarn()
        .addKeyValue("server", server.address())
        .addKeyValue("detail", SyslogOutput.detail(failed))
        .addKeyValue("remedy", "check log.syslog, the network and the server")
        .log("access log: the syslog server cannot be reached; lines wait");
  }

  @Override
  public long lost() {
    return lost.sum();
  }

  @Override
  public void end() {
    output.close();
  }

  @Override
  public String remedy() {
    return "check the syslog server of the access log";
  }

  @Override
  public void close() {
    output.close();
  }
}
