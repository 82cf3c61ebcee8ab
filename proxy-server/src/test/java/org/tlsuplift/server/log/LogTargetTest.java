package org.tlsuplift.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.spi.AppenderAttachableImpl;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Where lines go, and how that changes while the daemon runs. */
class LogTargetTest {
  private static final Logger OURS = (Logger) LoggerFactory.getLogger("org.tlsuplift");

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final AppenderAttachableImpl<ILoggingEvent> outputs = new AppenderAttachableImpl<>();
  private final Level before = OURS.getEffectiveLevel();
  private final DatagramSocket receiver;

  LogTargetTest() throws IOException {
    receiver = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
    receiver.setSoTimeout(60_000);
  }

  @BeforeEach
  void start() {
    LineEncoder encoder = new LineEncoder();
    encoder.start();
    OutputStreamAppender<ILoggingEvent> output = new OutputStreamAppender<>();
    output.setContext(OURS.getLoggerContext());
    output.setEncoder(encoder);
    output.setOutputStream(written);
    output.start();
    outputs.addAppender(output);
  }

  @AfterEach
  void end() {
    receiver.close();
    OURS.setLevel(before);
  }

  private static LogSettings settings(boolean json, @Nullable SyslogServer syslog) {
    return new LogSettings(20, Level.INFO, json, false, syslog);
  }

  private SyslogServer udp() {
    return new SyslogServer(
        new SyslogServer.Address.Udp("127.0.0.1", receiver.getLocalPort()),
        SyslogServer.Facility.DAEMON,
        null);
  }

  private String received() throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[10_000], 10_000);
    receiver.receive(packet);
    return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
  }

  @Test
  void changesFromStandardOutputToSyslogAndBack() throws IOException {
    try (LogTarget target = new LogTarget(outputs, settings(false, null))) {
      target.write(Events.of(Level.INFO, "one", "device", "10.1.2.3"));
      target.use(settings(false, udp()));
      target.write(Events.of(Level.WARN, "two", "device", "10.1.2.3"));
      target.use(settings(true, udp()));
      target.write(Events.of(Level.ERROR, "three", "device", "10.1.2.3"));
      target.use(settings(true, null));
      target.write(Events.of(Level.INFO, "four"));
      assertThat(received()).startsWith("<28>1 ").endsWith(" log - two device=\"10.1.2.3\"");
      assertThat(received())
          .startsWith("<27>1 ")
          .contains(" log - {\"time\":")
          .endsWith("\"message\":\"three\",\"device\":\"10.1.2.3\"}");
      assertThat(written.toString(StandardCharsets.UTF_8).lines())
          .satisfiesExactly(
              line -> assertThat(line).endsWith("INFO  one device=\"10.1.2.3\""),
              line -> assertThat(line).startsWith("{").contains("\"message\":\"four\""));
      assertThat(target.lost()).isZero();
    }
  }

  @Test
  void aStackTraceIsOneMessage() throws IOException {
    try (LogTarget target = new LogTarget(outputs, settings(false, udp()))) {
      var event = Events.of(Level.ERROR, "failed");
      event.setThrowableProxy(Events.cause(new IOException("no")));
      target.write(event);
      assertThat(received()).contains(" log - failed\\njava.io.IOException: no\\n\\tat ");
    }
  }

  @Test
  void countsALostLineAndWritesTheReasonToStandardOutput() throws Exception {
    SyslogServer missing =
        new SyslogServer(
            new SyslogServer.Address.Unix(Path.of("/nowhere/log")),
            SyslogServer.Facility.DAEMON,
            null);
    LogTarget target = new LogTarget(outputs, settings(false, missing));
    CompletableFuture<Void> write =
        CompletableFuture.runAsync(() -> target.write(Events.of(Level.INFO, "one")));
    org.awaitility.Awaitility.await()
        .until(() -> written.toString(StandardCharsets.UTF_8).contains("cannot be reached"));
    target.close();
    write.get(60, TimeUnit.SECONDS);
    assertThat(target.lost()).isEqualTo(1);
    assertThat(written.toString(StandardCharsets.UTF_8))
        .contains("server=\"unix:/nowhere/log\"", "remedy=\"check log.syslog");
  }

  @Test
  void usesTheConfiguredLevelUnlessTheCommandLineWantsMore() {
    OURS.setLevel(Level.INFO);
    LogTarget target = new LogTarget(outputs, new LogSettings(20, Level.ERROR, false, false, null));
    assertThat(OURS.getLevel()).isEqualTo(Level.ERROR);
    target.use(new LogSettings(20, Level.DEBUG, false, false, null));
    assertThat(OURS.getLevel()).isEqualTo(Level.DEBUG);
    LogTarget verbose =
        new LogTarget(outputs, new LogSettings(20, Level.ERROR, false, false, null));
    assertThat(OURS.getLevel()).isEqualTo(Level.DEBUG);
    target.close();
    verbose.close();
  }
}
