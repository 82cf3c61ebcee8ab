package org.tlsuplift.server.testing;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.testing.Leftovers;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.server.database.DatabasePlace;

/**
 * A real PostgreSQL in a folder of its own, on a port of loopback; can be stopped and started.
 *
 * <p>It does not run as root, so there it runs as the user that its Debian package makes. Where it
 * is missing the test is skipped, but fails where {@code UPLIFT_REQUIRE_PEERS=true}.
 */
public final class Postgres implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final String USER = "uplift";
  private static final String PASSWORD = "between us";

  private static @Nullable Postgres shared;

  private final Path programs;
  private final Path folder;
  private final int port;
  private final AtomicInteger schemas = new AtomicInteger();
  private @Nullable Process server;
  private List<ProcessHandle> hanging = List.of();

  private Postgres(Path programs, Path folder, int port) {
    this.programs = programs;
    this.folder = folder;
    this.port = port;
  }

  /**
   * The server of this JVM, for tests with schemas of their own that never stop it. It ends with
   * the JVM.
   */
  public static synchronized Postgres shared() {
    if (shared == null) {
      shared = start();
    }
    return shared;
  }

  /** Makes one with an empty database, and starts it. */
  public static Postgres start() {
    Path programs = programs();
    try {
      Path folder = Leftovers.directory("uplift-postgres");
      Files.writeString(folder.resolve("password"), PASSWORD);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      if (isRoot()) {
        own(folder);
        own(folder.resolve("password"));
      }
      Postgres postgres = new Postgres(programs, folder, freePort());
      try {
        postgres.run(
            "initdb",
            "--pgdata=" + folder.resolve("data"),
            "--username=" + USER,
            "--pwfile=" + folder.resolve("password"),
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync");
        postgres.startAgain();
      } catch (RuntimeException | Error failed) {
        postgres.close();
        throw failed;
      }
      return postgres;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
  }

  public int port() {
    return port;
  }

  /** The user that may do everything. */
  public String user() {
    return USER;
  }

  public String password() {
    return PASSWORD;
  }

  /** A file whose first line is that password. */
  public Path passwordFile() {
    return folder.resolve("password");
  }

  /** A new and empty schema. */
  public String newSchema() {
    String schema = "test" + schemas.incrementAndGet();
    ask("CREATE SCHEMA " + schema);
    return schema;
  }

  /** How to reach the tables of a schema. */
  public DatabasePlace.PostgreSql place(String schema) {
    return new DatabasePlace.PostgreSql(url() + "?currentSchema=" + schema, user(), password());
  }

  /** Kills all its processes, as if the machine were switched off. */
  public void kill() {
    stop(true);
  }

  /** Ends it; connections are cut. */
  public void stop() {
    stop(false);
  }

  private void stop(boolean atOnce) {
    Process running = server;
    if (running == null) {
      return;
    }
    server = null;
    signal("CONT", hanging);
    try {
      if (atOnce) {
        List<ProcessHandle> all =
            Stream.concat(Stream.of(running.toHandle()), running.descendants()).toList();
        signal("KILL", all);
        // Before the last one has ended, none can be started over the same data.
        for (ProcessHandle each : all) {
          each.onExit().orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS).join();
        }
      } else {
        // This is a fast shutdown.
        signal("INT", running);
      }
      if (!running.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        running.destroyForcibly();
        throw new AssertionError("PostgreSQL does not end");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      running.destroyForcibly();
    }
  }

  /** Lets it and its open connections hang, until it is ended. */
  public void hang() {
    Process running = server;
    if (running != null) {
      hanging = Stream.concat(Stream.of(running.toHandle()), running.descendants()).toList();
      signal("STOP", hanging);
    }
  }

  /** To some that may have ended meanwhile. */
  private static void signal(String name, List<ProcessHandle> processes) {
    for (ProcessHandle process : processes) {
      try {
        kill(name, process.pid()).start().waitFor();
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Starts it again over the same data. */
  public void startAgain() {
    List<String> command =
        command(
            "postgres",
            "-D",
            folder.resolve("data").toString(),
            "-p",
            String.valueOf(port),
            "-h",
            "127.0.0.1",
            "-k",
            folder.toString(),
            "-F");
    try {
      server =
          Leftovers.start(
              new ProcessBuilder(command)
                  .redirectErrorStream(true)
                  .redirectOutput(
                      ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile())));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    await("PostgreSQL listens")
        .atMost(TIMEOUT)
        .pollInterval(Duration.ofMillis(50))
        .failFast(() -> server == null || !server.isAlive())
        .until(this::accepts);
  }

  /** The answer to a query, as psql prints it without decoration. */
  public String ask(String sql) {
    ProcessBuilder psql =
        new ProcessBuilder(
            programs.resolve("psql").toString(), "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", sql);
    psql.environment().put("PGPASSWORD", PASSWORD);
    psql.environment().put("PGHOST", "127.0.0.1");
    psql.environment().put("PGPORT", String.valueOf(port));
    psql.environment().put("PGUSER", USER);
    psql.environment().put("PGDATABASE", "postgres");
    return finish(psql);
  }

  @Override
  public void close() {
    stop(true);
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException | UncheckedIOException stillInUse) {
      // A temporary folder that stays is no reason to fail.
    }
  }

  private boolean accepts() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return ready();
    } catch (IOException refused) {
      return false;
    }
  }

  private boolean ready() throws IOException {
    ProcessBuilder check =
        new ProcessBuilder(
            programs.resolve("pg_isready").toString(), "-q", "-h", "127.0.0.1", "-p", "" + port);
    try {
      return check.start().waitFor() == 0;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void signal(String name, Process process) {
    // setpriv has become the server.
    finish(kill(name, process.pid()));
  }

  /** By the shell, since not every machine has the program. */
  private static ProcessBuilder kill(String name, long process) {
    return new ProcessBuilder("sh", "-c", "kill -" + name + " " + process);
  }

  private void run(String program, String... arguments) {
    finish(new ProcessBuilder(command(program, arguments)));
  }

  private List<String> command(String program, String... arguments) {
    List<String> command = command(programs, program);
    command.addAll(List.of(arguments));
    return command;
  }

  private static List<String> command(Path programs, String program) {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      String setpriv = Peer.require("setpriv", "util-linux").toString();
      command.addAll(List.of(setpriv, "--reuid=postgres", "--regid=postgres", "--clear-groups"));
    }
    command.add(programs.resolve(program).toString());
    return command;
  }

  private static String finish(ProcessBuilder program) {
    try {
      Path output = Files.createTempFile("uplift-program", ".out");
      try {
        Process process = program.redirectErrorStream(true).redirectOutput(output.toFile()).start();
        if (!process.waitFor(TIMEOUT.toSeconds() * 2, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
        String text = Files.readString(output).strip();
        if (process.waitFor() != 0) {
          throw new AssertionError(String.join(" ", program.command()) + ": " + text);
        }
        return text;
      } finally {
        Files.delete(output);
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static void own(Path path) throws IOException {
    var users = path.getFileSystem().getUserPrincipalLookupService();
    Files.setOwner(path, users.lookupPrincipalByName("postgres"));
  }

  /** Debian keeps them out of the PATH, one folder for each version. */
  private static Path programs() {
    List<Path> folders = new ArrayList<>();
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      versions
          .sorted(Comparator.reverseOrder())
          .map(each -> each.resolve("bin"))
          .forEach(folders::add);
    } catch (IOException none) {
      // Then it may be on the PATH.
    }
    Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .filter(each -> !each.isEmpty())
        .map(Path::of)
        .forEach(folders::add);
    String remedy = "install the Debian package postgresql";
    Path found =
        folders.stream()
            .filter(each -> Files.isExecutable(each.resolve("initdb")))
            .findFirst()
            .orElseGet(() -> Path.of(Peer.missing("PostgreSQL", remedy)));
    for (String program : List.of("initdb", "postgres", "pg_isready", "psql")) {
      Peer.requireRunning(found.resolve(program), "PostgreSQL", remedy);
    }
    // It refuses a user without a name. As root it runs as another user.
    Peer.requireUse("PostgreSQL", "run the tests as a user with a name", "id", "-un");
    List<String> version = command(found, "postgres");
    version.add("--version");
    Peer.requireUse("PostgreSQL", remedy, version.toArray(String[]::new));
    return found;
  }

  /** Below the ports that the kernel gives to connections. */
  private static int freePort() {
    for (int i = 0; i < 1000; i++) {
      int candidate = ThreadLocalRandom.current().nextInt(15_000, 32_768);
      try (ServerSocket probe = new ServerSocket()) {
        probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), candidate));
        return candidate;
      } catch (IOException taken) {
        // the next one
      }
    }
    throw new AssertionError("no port is free");
  }
}
