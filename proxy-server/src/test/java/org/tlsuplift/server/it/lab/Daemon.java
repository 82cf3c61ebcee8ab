package org.tlsuplift.server.it.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionFactory;
import org.tlsuplift.server.daemon.ReloadRequest;
import org.tlsuplift.server.daemon.ReloadSocket;

/** The shipped jar, running with a configuration, a data directory and free ports of its own. */
public final class Daemon implements AutoCloseable {
  private static final Path JAR =
      Path.of(System.getProperty("basedir", ""), "target", "tls-uplift.jar").toAbsolutePath();

  /** Its classes, which the build has had the JVM lay down; what does not fit is not used. */
  private static final Path CLASSES = JAR.resolveSibling("tls-uplift.jsa");

  private static final Pattern READY = Pattern.compile("(?m)\\bready *$");
  private static final Pattern ADMIN = Pattern.compile("admin: https?://127\\.0\\.0\\.1:(\\d+)/");
  private static final String TRACE =
      """
      <configuration>
        <appender name="all" class="ch.qos.logback.core.ConsoleAppender">
          <encoder><pattern>%d %level %logger %msg %kvp%n%ex{full}</pattern></encoder>
        </appender>
        <logger name="org.tlsuplift.proxy" level="TRACE"/>
        <logger name="org.tlsuplift.server" level="TRACE"/>
        <root level="TRACE"><appender-ref ref="all"/></root>
      </configuration>
      """;

  private final Child child;
  private final Path folder;
  private final InetSocketAddress admin;
  private final Map<String, InetSocketAddress> listeners = new ConcurrentHashMap<>();

  private Daemon(Child child, Path folder) {
    this.child = child;
    this.folder = folder;
    int port = Integer.parseInt(child.awaitOutput(ADMIN).group(1));
    this.admin = new InetSocketAddress(Loopback.V4, port);
  }

  /**
   * Starts the daemon and waits until it is ready.
   *
   * @param yaml the configuration, without dataDirectory and admin
   * @param options more options of the command
   */
  public static Daemon start(Lab lab, String yaml, String... options) {
    return start(lab, Machine.HERE, yaml, options);
  }

  /** Starts a daemon that logs everything, and so do its libraries. */
  public static Daemon startTracing(Lab lab, String yaml) {
    Path folder = lab.directory("daemon");
    Child child = run(Machine.HERE, folder, yaml, List.of(), List.of(tracing(lab)));
    lab.add(child).awaitOutput(READY);
    return lab.add(new Daemon(child, folder));
  }

  /** Starts a daemon with options of the JVM. */
  public static Daemon startOn(Lab lab, List<String> virtualMachine, String yaml) {
    Path folder = lab.directory("daemon");
    Child child = lab.add(run(Machine.HERE, folder, yaml, List.of(), virtualMachine));
    child.awaitOutput(READY);
    return lab.add(new Daemon(child, folder));
  }

  /** An option of the JVM for a log of everything. */
  public static String tracing(Lab lab) {
    return "-Dlogback.configurationFile=" + lab.file("trace.xml", TRACE);
  }

  public static Daemon start(Lab lab, Machine machine, String yaml, String... options) {
    return start(lab, machine, lab.directory("daemon"), yaml, options);
  }

  /** Starts a daemon in a directory that may hold a data directory. */
  public static Daemon start(
      Lab lab, Machine machine, Path folder, String yaml, String... options) {
    Child child = lab.add(run(machine, folder, yaml, options));
    child.awaitOutput(READY);
    return lab.add(new Daemon(child, folder));
  }

  /**
   * Starts the daemon over a data directory, for tests of what it does until it is ready, or not.
   *
   * @param yaml the configuration, without dataDirectory and admin
   */
  public static Child run(Path folder, String yaml, String... options) {
    return run(Machine.HERE, folder, yaml, options);
  }

  public static Child run(Machine machine, Path folder, String yaml, String... options) {
    return run(machine, folder, yaml, List.of(options), List.of("-ea"));
  }

  private static Child run(
      Machine machine,
      Path folder,
      String yaml,
      List<String> options,
      List<String> virtualMachine) {
    String admin = yaml.contains("admin:") ? "" : "admin: {bind: \"127.0.0.1:0\"}\n";
    // Tests have more lines of one kind than a device in a minute, and look for each of them.
    String log = yaml.contains("log:") ? "" : "log: {linesPerMinute: 1000000}\n";
    Lab.write(config(folder), "dataDirectory: " + data(folder) + "\n" + admin + log + yaml);
    List<String> command = jar("run", "--config", config(folder).toString());
    command.addAll(options);
    command.addAll(1, virtualMachine);
    // A daemon that is killed leaves the native code there that SQLite has unpacked.
    command.add(1, "-Djava.io.tmpdir=" + temporary(folder));
    return Child.start(new ProcessBuilder(machine.command(command)).directory(folder.toFile()));
  }

  /** The command line that runs the jar. */
  public static List<String> jar(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // A small heap, so that leaked buffers are collected and thus found.
    command.addAll(List.of("-Xmx192m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    if (Files.exists(CLASSES)) {
      command.add("-XX:SharedArchiveFile=" + CLASSES);
    }
    command.add("-Dio.netty.leakDetection.level=paranoid");
    command.addAll(List.of("-jar", JAR.toString()));
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  public static Path jar() {
    return JAR;
  }

  private static Path temporary(Path folder) {
    try {
      return Files.createDirectories(folder.resolve("tmp"));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  public static Path config(Path folder) {
    return folder.resolve("tls-uplift.yaml");
  }

  public static Path data(Path folder) {
    return folder.resolve("data");
  }

  /** The directory with the configuration and the data directory. */
  public Path folder() {
    return folder;
  }

  /** The certificate of its authority, in PEM. */
  public Path authority() {
    return data(folder).resolve("ca").resolve("ca.crt.pem");
  }

  /** The certificate of the authority that a listener has of its own, in PEM. */
  public Path authority(String listener) {
    return data(folder).resolve("listeners").resolve(listener).resolve("ca.crt.pem");
  }

  public InetSocketAddress listener(String name) {
    return listeners.computeIfAbsent(name, this::printedListener);
  }

  private InetSocketAddress printedListener(String name) {
    Matcher line =
        child.awaitOutput(
            Pattern.compile("listener " + name + ": .* on (127\\.0\\.0\\.1|\\[::1]):(\\d+)"));
    InetAddress address = line.group(1).startsWith("[") ? Loopback.V6 : Loopback.V4;
    return new InetSocketAddress(address, Integer.parseInt(line.group(2)));
  }

  /** Where a listener of several addresses listens. */
  public List<InetSocketAddress> listeners(String name) {
    return Pattern.compile("listener " + name + ": .* on (127\\.0\\.0\\.1|\\[::1]):(\\d+)")
        .matcher(output())
        .results()
        .map(
            line ->
                new InetSocketAddress(
                    line.group(1).startsWith("[") ? Loopback.V6 : Loopback.V4,
                    Integer.parseInt(line.group(2))))
        .toList();
  }

  public InetSocketAddress admin() {
    return admin;
  }

  public Metrics metrics() {
    return Metrics.scrape(admin);
  }

  /** Waits until a counter has grown by exactly so much; gives all counters of that moment. */
  public Metrics awaitIncrease(Metrics before, long by, String name, String... labelsAndValues) {
    AtomicReference<Metrics> latest = new AtomicReference<>(before);
    awaiting("an increase of " + name)
        .untilAsserted(
            () -> {
              Metrics now = metrics();
              latest.set(now);
              assertThat(now.sum(name, labelsAndValues) - before.sum(name, labelsAndValues))
                  .as("%s%s grows%n%s", name, Arrays.toString(labelsAndValues), now)
                  .isEqualTo(by);
            });
    return latest.get();
  }

  public void awaitSessions(int open) {
    awaiting("open sessions: " + open)
        .untilAsserted(
            () -> assertThat(metrics().sum("tlsuplift_sessions_active")).isEqualTo(open));
  }

  /** Metrics and a long log cost more to look at than what a program prints at its start. */
  private static ConditionFactory awaiting(String what) {
    return Child.awaiting(what).pollInterval(Duration.ofMillis(50));
  }

  /** All that it has printed until now. */
  public String output() {
    return child.output();
  }

  /** Reads no more of its standard output, until told to. */
  public void stopReading() {
    child.stopReading();
  }

  public void readOn() {
    child.readOn();
  }

  public boolean isAlive() {
    return child.isAlive();
  }

  public int mark() {
    return output().length();
  }

  /** Waits for the line about a session's end after a mark with these fields, and gives it. */
  public String awaitSessionLine(int mark, String... keysAndValues) {
    return awaiting("a line of the log with " + Arrays.toString(keysAndValues) + " in " + this)
        .until(
            () -> SessionLines.find(output().substring(mark), keysAndValues), Optional::isPresent)
        .orElseThrow();
  }

  /** Waits for exactly so many lines about a session's end after a mark with these fields. */
  public void awaitSessionLines(int mark, int count, String... keysAndValues) {
    awaiting(count + " lines of the log with " + Arrays.toString(keysAndValues) + " in " + this)
        .until(() -> SessionLines.all(output().substring(mark), keysAndValues).count() == count);
  }

  /** Waits for a text in what it has written since. */
  public void awaitOutput(int mark, String text) {
    awaiting("'" + text + "' in the log of " + this)
        .until(() -> output().substring(mark).contains(text));
  }

  public long pid() {
    return child.pid();
  }

  /** What its JVM answers to a command of jcmd. */
  public String jcmd(String command) {
    return Run.of(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                String.valueOf(pid()),
                command))
        .succeeded()
        .output();
  }

  /** Changes its configuration while it runs. */
  public void reload(UnaryOperator<String> change) throws IOException {
    Path file = config(folder);
    Path next = Lab.write(file.resolveSibling("next.yaml"), change.apply(Files.readString(file)));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    assertThat(ReloadRequest.send(ReloadSocket.of(data(folder))).problems()).isEmpty();
  }

  /** Sends SIGTERM. */
  public void terminate() {
    child.terminate();
  }

  /** Sends SIGKILL, and waits for its end. */
  public void kill() {
    child.signal("KILL");
    child.awaitExit();
  }

  /** Waits for its end; gives the exit code. */
  public int awaitExit(Duration timeout) {
    return child.awaitExit(timeout);
  }

  @Override
  public void close() {
    child.close();
    child.awaitExit();
    assertThat(output()).as("no buffer is lost").doesNotContain("LEAK:");
  }

  @Override
  public String toString() {
    return child.toString();
  }
}
