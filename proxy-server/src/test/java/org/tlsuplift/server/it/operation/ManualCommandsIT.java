package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.inventory.jdbc.Fleet;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.manual.CodeBlock;
import org.tlsuplift.server.manual.NamedFiles;

/**
 * Runs the commands in README.md and in the manual as an operator does who pastes them: block by
 * block, all blocks of a page in one directory.
 *
 * <p>The page 'contributing' says which blocks run. A block that runs may use few programs only, so
 * that no example changes the machine on which the build runs.
 */
class ManualCommandsIT {
  @RegisterExtension static final Lab lab = new Lab();

  /** Among them 10.1.2.6, which examples ask for. */
  private static final int DEVICES = 600;

  private static final Set<String> PROGRAMS =
      Set.of(
          "tls-uplift",
          "java",
          "cd",
          "cp",
          "mv",
          "rm",
          "mkdir",
          "ls",
          "cat",
          "chmod",
          "printf",
          "echo",
          "export",
          "grep",
          "head",
          "sed",
          "umask",
          "test",
          "openssl");

  /** Between commands of a line; good enough for examples, which quote none of these. */
  private static final Pattern BETWEEN = Pattern.compile("\\|\\|?|&&|;");

  private static final Map<Path, Path> DIRECTORIES = new ConcurrentHashMap<>();

  /** The blocks, which run in the background page by page. */
  private static final Map<CodeBlock, FutureTask<Run>> RUNS = new HashMap<>();

  static List<CodeBlock> blocks() throws IOException {
    return CodeBlock.of("sh", "console", "yaml").stream()
        .filter(block -> !block.says("offline", "no"))
        .filter(block -> !block.language().equals("yaml") || block.words().containsKey("file"))
        .toList();
  }

  /** Pages do not depend on each other. A JVM that runs one command hardly uses two CPUs. */
  @BeforeAll
  static void runPages() throws IOException {
    ExecutorService threads =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    lab.add(threads::shutdownNow);
    Map<Path, List<FutureTask<Run>>> pages = new LinkedHashMap<>();
    for (CodeBlock block : blocks()) {
      FutureTask<Run> run = new FutureTask<>(() -> run(block));
      RUNS.put(block, run);
      pages.computeIfAbsent(block.file(), page -> new ArrayList<>()).add(run);
    }
    pages.values().forEach(page -> threads.execute(() -> page.forEach(FutureTask::run)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("blocks")
  void endsAsItShould(CodeBlock block) throws Throwable {
    Run run;
    try {
      run = RUNS.get(block).get();
    } catch (ExecutionException failed) {
      throw failed.getCause();
    }
    int exit = Integer.parseInt(block.words().getOrDefault("exit", "0"));
    assertThat(run.exit()).as("%s: %s", block, run).isEqualTo(exit);
  }

  private static Run run(CodeBlock block) throws IOException {
    Path directory = directory(block.file());
    String text =
        new NamedFiles(Files.createDirectories(directory.resolve("etc"))).in(block.code());
    if (block.language().equals("yaml")) {
      Path file = directory.resolve(block.words().getOrDefault("file", ""));
      Files.writeString(file, text);
      return new Run("writing " + file, 0, "");
    }
    String commands = block.language().equals("sh") ? text : typed(text);
    assertThat(PROGRAMS)
        .as("%s: programs of a block that runs; 'offline=no' keeps it from running", block)
        .containsAll(programs(commands));
    if (programs(commands).contains("openssl")) {
      // All others belong to every system.
      Peers.require("openssl");
    }
    prepare(directory, block.words().getOrDefault("with", ""));
    return run(directory, commands, block.words().getOrDefault("in", ""));
  }

  private static void prepare(Path directory, String with) throws IOException {
    Path data = directory.resolve("data");
    if (with.equals("inventory") && !Files.exists(data.resolve("inventory.db"))) {
      Fleet.create(Files.createDirectories(data).resolve("inventory.db"), DEVICES, Instant.now())
          .close();
    } else if (with.equals("ca") && !Files.exists(data.resolve("ca"))) {
      run(directory, "tls-uplift init --yes --names uplift.corp.example --ways proxy", "")
          .succeeded();
    }
  }

  /** In an empty directory, with {@code tls-uplift} in the search path. */
  private static Run run(Path directory, String commands, String input) throws IOException {
    ProcessBuilder shell = new ProcessBuilder("sh", "-eu", "-c", commands);
    shell.directory(directory.toFile());
    shell.environment().put("PATH", directory.resolve("bin") + ":" + System.getenv("PATH"));
    shell.environment().remove("TLS_UPLIFT_CONFIG");
    Path in = directory.resolve("bin").resolve("input");
    Files.writeString(in, input.isEmpty() ? "" : (input + "\n").repeat(4));
    shell.redirectInput(in.toFile());
    return Run.of(shell);
  }

  private static Path directory(Path page) throws IOException {
    Path known = DIRECTORIES.get(page);
    if (known != null) {
      return known;
    }
    Path directory = lab.directory(page.getFileName().toString());
    Path bin = Files.createDirectory(directory.resolve("bin"));
    Path launcher = bin.resolve("tls-uplift");
    Files.writeString(
        launcher, "#!/bin/sh\nexec " + String.join(" ", Daemon.jar(new String[0])) + " \"$@\"\n");
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
    Files.createSymbolicLink(directory.resolve("tls-uplift.jar"), Daemon.jar());
    DIRECTORIES.put(page, directory);
    return directory;
  }

  /** What is typed at the prompts. */
  private static String typed(String console) {
    List<String> typed = new ArrayList<>();
    boolean more = false;
    for (String line : console.lines().toList()) {
      if (more || line.startsWith("$ ")) {
        typed.add(more ? line : line.substring(2));
        more = line.endsWith("\\");
      }
    }
    return String.join("\n", typed);
  }

  /** The first words of all commands. */
  private static Set<String> programs(String commands) {
    return commands
        .replace("\\\n", " ")
        .lines()
        .map(line -> line.replaceFirst("(^|\\s)#.*", ""))
        .flatMap(line -> Arrays.stream(BETWEEN.split(line, -1)))
        .map(command -> command.strip().split("\\s+", -1)[0])
        .filter(word -> !word.isEmpty())
        .collect(Collectors.toSet());
  }
}
