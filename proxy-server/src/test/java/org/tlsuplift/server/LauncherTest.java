package org.tlsuplift.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.it.lab.Peers;

/** The command {@code tls-uplift}, with scripts in the place of Java. */
@OneJdk
class LauncherTest {
  private static final Path SCRIPT = Path.of("src/main/distribution/bin/tls-uplift");
  private static final Path OPTIONS = Path.of("src/main/distribution/lib/jvm.options");
  private static final String PRINTS_ARGUMENTS =
      "#!/bin/sh\necho \"pid $$\"\nfor each in \"$@\"; do echo \"<$each>\"; done\n";

  /**
   * Writes what it is told to write, or its arguments for Java 25, and prints its arguments
   * otherwise.
   */
  private static final String WRITES_ARCHIVES =
      """
      #!/bin/sh
      for each in "$@"; do
        case $each in
          -XX:ArchiveClassesAtExit=*)
            printf classes >"${each#*=}"
            exit 0
            ;;
          -XX:AOTCacheOutput=*)
            echo "$@" >"${each#*=}"
            exit 0
            ;;
        esac
      done
      for each in "$@"; do echo "<$each>"; done
      """;

  @TempDir Path directory;
  private Path command = Path.of("");
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void installIt() throws IOException {
    Path home = directory.resolve("a home");
    command = home.resolve("bin/tls-uplift");
    write(command, Files.readString(SCRIPT));
    write(home.resolve("lib/tls-uplift.jar"), "");
    write(home.resolve("lib/jvm.options"), Files.readString(OPTIONS));
    environment.put(
        "JAVA_HOME", java("17", "JAVA_VERSION=\"17.0.9\"", PRINTS_ARGUMENTS).toString());
  }

  @Test
  void givesTheProgramItsArgumentsAsTheyAre() throws Exception {
    Ended ended = run("check", "--config", "a b", "", "*");

    assertThat(ended.lines)
        .containsSubsequence(
            "<-jar>",
            "<" + directory.resolve("a home").toRealPath().resolve("lib/tls-uplift.jar") + ">",
            "<check>",
            "<--config>",
            "<a b>",
            "<>",
            "<*>");
    assertThat(ended.lines.get(0)).as("no shell stays between").isEqualTo("pid " + ended.pid);
  }

  @Test
  void isFoundThroughLinks() throws Exception {
    Path links = Files.createDirectory(directory.resolve("links"));
    Files.createSymbolicLink(links.resolve("near"), Path.of("../a home/bin/tls-uplift"));
    Files.createSymbolicLink(links.resolve("far"), links.resolve("near").toAbsolutePath());
    command = links.resolve("far");

    assertThat(run("run").lines).contains("<run>");
  }

  @Test
  void operatorOverridesItsOptions() throws Exception {
    environment.put("JAVA_OPTS", "-Xmx256m -Da=b");
    environment.put("TLS_UPLIFT_OPTS", "-Xms1g");

    assertThat(run("run").lines)
        .containsSubsequence(
            "<@" + command.toRealPath().getParent().resolveSibling("lib/jvm.options") + ">",
            "<-Xmx256m>",
            "<-Da=b>",
            "<-Xms1g>",
            "<-jar>")
        .doesNotContain("<-XX:TieredStopAtLevel=1>");
    assertThat(run("health").lines).contains("<-XX:TieredStopAtLevel=1>");
  }

  @Test
  void javaReadsTheFileWithItsOptions() throws Exception {
    String printsFlags =
        "#!/bin/sh\nexec '%s/bin/java' \"$1\" -XX:+PrintFlagsFinal $JAVA_OPTS -version\n"
            .formatted(System.getProperty("java.home"));
    environment.put("JAVA_HOME", java("17", release("17"), printsFlags).toString());
    environment.put("JAVA_OPTS", "-Xms24m");

    List<String> lines = run("run").lines;

    assertThat(Files.readAllLines(OPTIONS)).contains("-Xms16m", "-XX:MaxNewSize=12m");
    assertThat(lines)
        .anyMatch(line -> line.matches(" *bool UseSerialGC += true .*"))
        .anyMatch(line -> line.matches(" *size_t MaxNewSize += 12582912 .*"))
        .as("an option of the operator comes later")
        .anyMatch(line -> line.matches(" *size_t InitialHeapSize += 25165824 .*"));
  }

  @Test
  void namesTheMissingFileWithItsOptions() throws Exception {
    Path options = command.resolveSibling("../lib/jvm.options").toRealPath();
    Files.delete(options);
    refused(options + ": got no readable file", "unpack the distribution again");
  }

  /** Gives the command another machine: 1 GiB, and groups of processes with these limits. */
  private void limitMemory(String group, Map<String, String> limits) throws IOException {
    Path root = Files.createTempDirectory(directory, "groups");
    write(directory.resolve("memory"), "MemTotal:     1048576 kB\n");
    write(directory.resolve("group"), group);
    for (Map.Entry<String, String> limit : limits.entrySet()) {
      write(root.resolve(limit.getKey()), limit.getValue() + "\n");
    }
    write(
        command,
        Files.readString(SCRIPT)
            .replace("/proc/meminfo", directory.resolve("memory").toString())
            .replace("/proc/self/cgroup", directory.resolve("group").toString())
            .replace("/sys/fs/cgroup", root.toString()));
  }

  @Test
  void usesTheFastCompilerAloneInASmallContainer() throws Exception {
    String v2 = "0::/system.slice/tls-uplift.service\n";
    limitMemory(v2, Map.of("system.slice/tls-uplift.service/memory.max", "167772160"));
    assertThat(run("run").lines).contains("<-XX:TieredStopAtLevel=1>");

    limitMemory(
        v2,
        Map.of(
            "system.slice/tls-uplift.service/memory.max", "max",
            "system.slice/memory.max", "167772160"));
    assertThat(run("run").lines).contains("<-XX:TieredStopAtLevel=1>");

    limitMemory("0::/\n", Map.of("memory.max", "167772160"));
    assertThat(run("run").lines).contains("<-XX:TieredStopAtLevel=1>");

    limitMemory(
        "5:cpu,cpuacct:/one\n4:memory:/two\n0::/\n",
        Map.of("memory/two/memory.limit_in_bytes", "167772160"));
    assertThat(run("run").lines).contains("<-XX:TieredStopAtLevel=1>");
  }

  @Test
  void usesBothCompilersWhereThereIsMemoryEnough() throws Exception {
    limitMemory("0::/a\n", Map.of("a/memory.max", "536870912", "memory.max", "max"));
    assertThat(run("run").lines).doesNotContain("<-XX:TieredStopAtLevel=1>");

    limitMemory(
        "4:memory:/two\n0::/\n", Map.of("memory/two/memory.limit_in_bytes", "9223372036854771712"));
    assertThat(run("run").lines).doesNotContain("<-XX:TieredStopAtLevel=1>");

    limitMemory("0::/elsewhere\n", Map.of());
    assertThat(run("run").lines).doesNotContain("<-XX:TieredStopAtLevel=1>");
  }

  @Test
  void usesTheNativeLibrariesThatAPackageHasUnpacked() throws Exception {
    assertThat(run("run").lines).noneMatch(line -> line.contains("java.library.path"));
    String system = run(List.of("sh", "-c", "echo $(uname -s)-$(uname -m)")).lines.get(0);
    Path libraries =
        Files.createDirectories(directory.resolve("a home/lib/native").resolve(system))
            .toRealPath();
    assertThat(run("run").lines)
        .containsSubsequence(
            "<-Djava.library.path=" + libraries + ">",
            "<-Dorg.sqlite.lib.path=" + libraries + ">",
            "<-jar>");
  }

  @Test
  void thePackageWritesTheArchiveOfClassesBesideTheJar() throws Exception {
    Path lib = directory.resolve("a home/lib").toRealPath();
    write(lib.resolve("tls-uplift-1-2.jsa"), "of another jar");
    archive("17", lib);
    Path archive = single(lib, "jsa");
    assertThat(archive).hasContent("classes");
    assertThat(lib.toFile().list())
        .as("no work is left")
        .containsExactlyInAnyOrder(
            "jvm.options", "tls-uplift.jar", archive.getFileName().toString());
    assertThat(run("run").lines)
        .containsSubsequence("<-XX:SharedArchiveFile=" + archive + ">", "<-jar>", "<run>");
    assertThat(run("health").lines).contains("<-XX:SharedArchiveFile=" + archive + ">");
    environment.put("TLS_UPLIFT_CLASS_ARCHIVE", "off");
    assertThat(run("run").lines).noneMatch(line -> line.contains("Archive"));
  }

  @Test
  void java25UsesAnAotCache() throws Exception {
    Path lib = directory.resolve("a home/lib").toRealPath();
    archive("25", lib);
    assertThat(run("run").lines)
        .containsSubsequence("<-XX:AOTCache=" + single(lib, "aot") + ">", "<-jar>");
  }

  @Test
  void theArchiveOfJava25HasNoProfiles() throws Exception {
    Path lib = directory.resolve("a home/lib").toRealPath();
    archive("25", lib);
    assertThat(single(lib, "aot")).content().contains(" -XX:-AOTRecordTraining ", " demo");
  }

  @Test
  void anotherJavaOrAnotherJarHasAnotherArchive() throws Exception {
    Path lib = directory.resolve("a home/lib").toRealPath();
    archive("17", lib);
    Path first = single(lib, "jsa");
    archive("21", lib);
    Path second = single(lib, "jsa");
    write(lib.resolve("tls-uplift.jar"), "a newer one");
    assertThat(run("run").lines).noneMatch(line -> line.contains("SharedArchiveFile"));
    archive("21", lib);
    assertThat(single(lib, "jsa")).isNotEqualTo(first).isNotEqualTo(second);
  }

  @Test
  void aFailedArchiveIsReportedAndNotTriedAtEachStart() throws Exception {
    Path cache = ownCache();
    environment.put(
        "JAVA_HOME", java("17", release("17"), "#!/bin/sh\necho broken\nexit 1\n") + "");
    Ended ended = run("class-archive", cache.toString());
    assertThat(ended.exit).isEqualTo(1);
    assertThat(ended.lines).contains("broken").last().asString().contains("starts without it");
    assertThat(single(cache, "jsa")).isEmptyFile();

    environment.put("JAVA_HOME", java("17", release("17"), PRINTS_ARGUMENTS).toString());
    assertThat(run("run").lines).noneMatch(line -> line.contains("SharedArchiveFile"));
    assertThat(single(cache, "jsa")).isEmptyFile();
  }

  @Test
  void explainsTheCommandForTheArchive() throws Exception {
    environment.put("JAVA_HOME", java("17", release("17"), PRINTS_ARGUMENTS).toString());
    Ended help = run("class-archive", "--help");
    assertThat(help.exit).isZero();
    assertThat(help.lines)
        .anyMatch(line -> line.contains("tls-uplift class-archive DIRECTORY"))
        .noneMatch(line -> line.contains("mktemp"));
    for (String wrong : List.of("", "missing")) {
      Ended ended = run("class-archive", wrong);
      assertThat(ended.exit).isEqualTo(1);
      assertThat(ended.lines)
          .containsExactly(
              "tls-uplift: class-archive: got '" + wrong + "'; expected a directory that exists");
    }
  }

  @Test
  void theFirstRunWritesTheArchiveForTheNextOneIntoTheUsersCache() throws Exception {
    Path cache = ownCache();
    environment.put("JAVA_HOME", java("17", release("17"), WRITES_ARCHIVES).toString());
    assertThat(run("check").lines).noneMatch(line -> line.contains("Archive"));
    assertThat(cache).isEmptyDirectory();
    assertThat(run("run").lines).noneMatch(line -> line.contains("SharedArchiveFile"));
    await().untilAsserted(() -> assertThat(single(cache, "jsa")).hasContent("classes"));
    assertThat(run("run").lines).contains("<-XX:SharedArchiveFile=" + single(cache, "jsa") + ">");
  }

  /** An archive is code. */
  @Test
  void anArchiveThatOthersCouldWriteIsNotUsed() throws Exception {
    Path cache = ownCache();
    archive("17", cache);
    Path archive = single(cache, "jsa");
    assertThat(run("check").lines).contains("<-XX:SharedArchiveFile=" + archive + ">");

    for (Path each : List.of(cache, cache.getParent())) {
      for (String mode : List.of("rwxrwxr-x", "rwxr-xrwx")) {
        Files.setPosixFilePermissions(each, PosixFilePermissions.fromString(mode));
        assertThat(run("check").lines).as(each + " " + mode).noneMatch(l -> l.contains("Archive"));
      }
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwx------"));
    }
    assertThat(run("check").lines).contains("<-XX:SharedArchiveFile=" + archive + ">");

    Path elsewhere = Files.move(archive, directory.resolve("elsewhere"));
    Files.createSymbolicLink(archive, elsewhere);
    assertThat(run("check").lines).noneMatch(line -> line.contains("Archive"));
  }

  @Test
  void directoriesForTemporaryFilesHoldNoArchive() throws Exception {
    environment.put("JAVA_HOME", java("17", release("17"), WRITES_ARCHIVES).toString());
    for (String place : List.of("/tmp", "/var/tmp", "relative", "/x/../tmp")) {
      environment.put("XDG_CACHE_HOME", place);
      assertThat(run("run").lines).contains("<run>").noneMatch(line -> line.contains("Archive"));
    }
    assertThat(Path.of("/tmp/tls-uplift")).doesNotExist();
  }

  /** As an operator's home has it. */
  private Path ownCache() throws IOException {
    Path cache = Files.createDirectories(directory.resolve("home/tls-uplift"));
    for (Path each : List.of(cache.getParent(), cache)) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwx------"));
    }
    environment.put("XDG_CACHE_HOME", cache.getParent().toString());
    return cache;
  }

  private static String release(String version) {
    return "JAVA_VERSION=\"" + version + ".0.9\"";
  }

  /** Has a Java of this version write the archive, and then print its arguments again. */
  private void archive(String version, Path into) throws Exception {
    environment.put("JAVA_HOME", java(version, release(version), WRITES_ARCHIVES).toString());
    Ended ended = run("class-archive", into.toString());
    assertThat(ended.exit).as(ended.lines.toString()).isZero();
  }

  private static Path single(Path directory, String kind) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> found = files.filter(file -> file.toString().endsWith("." + kind)).toList();
      assertThat(found).hasSize(1);
      return found.get(0);
    }
  }

  @Test
  void refusesAnOlderJava() throws Exception {
    environment.put(
        "JAVA_HOME", java("11", "JAVA_VERSION=\"11.0.2\"", PRINTS_ARGUMENTS).toString());
    refused("got version 11 in ", "expected Java 17 or later");

    String without = "#!/bin/sh\necho 'java version \"1.8.0_392\"' >&2\n";
    environment.put("JAVA_HOME", java("8", null, without).toString());
    refused("got version 1 in ");
  }

  @Test
  void asksJavaForItsVersionIfNoFileStatesIt() throws Exception {
    String script =
        "#!/bin/sh\n[ \"$1\" = -version ] && echo 'openjdk version \"25-ea\" 2025' >&2 || echo runs\n";
    environment.put("JAVA_HOME", java("25", null, script).toString());
    assertThat(run("run").lines).containsExactly("runs");
  }

  @Test
  void namesThePlaceWithoutJava() throws Exception {
    environment.put("JAVA_HOME", directory.resolve("none").toString());
    refused("JAVA_HOME: got '" + directory.resolve("none") + "', which has no bin/java");

    environment.remove("JAVA_HOME");
    Path tools = Files.createDirectory(directory.resolve("tools"));
    for (String tool : List.of("sh", "dirname", "readlink", "sed", "head")) {
      Files.createSymbolicLink(tools.resolve(tool), Path.of(Peers.require(tool)));
    }
    environment.put("PATH", tools.toString());
    refused("java: got none in the PATH", "set JAVA_HOME");
  }

  @Test
  void findsJavaInThePath() throws Exception {
    String bin = environment.remove("JAVA_HOME") + "/bin";
    environment.put("PATH", bin + ":" + System.getenv("PATH"));
    assertThat(run("run").lines).contains("<run>");
  }

  @Test
  void isCleanToShellcheck() throws Exception {
    Ended ended = run(List.of(Peers.require("shellcheck"), SCRIPT.toString()));
    assertThat(ended.exit).as(ended.lines.toString()).isZero();
  }

  private void refused(String... texts) throws Exception {
    Ended ended = run("run");
    assertThat(ended.exit).isEqualTo(1);
    assertThat(ended.lines).singleElement().asString().startsWith("tls-uplift: ").contains(texts);
  }

  private Path java(String name, String release, String script) throws IOException {
    Path home = directory.resolve("java" + name);
    write(home.resolve("bin/java"), script);
    if (release != null) {
      Files.writeString(home.resolve("release"), release + "\n");
    }
    return home;
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Ended run(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(command.toString()));
    all.addAll(Arrays.asList(arguments));
    return run(all);
  }

  private Ended run(List<String> program) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(program).redirectErrorStream(true);
    builder.environment().remove("JAVA_HOME");
    // Without a home there is no cache.
    builder.environment().keySet().removeAll(List.of("HOME", "XDG_CACHE_HOME", "CACHE_DIRECTORY"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), process.pid(), output.lines().toList());
  }

  private record Ended(int exit, long pid, List<String> lines) {}
}
