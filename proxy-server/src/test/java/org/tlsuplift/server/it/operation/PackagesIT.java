package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Packages;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;

/** What is in the packages, before they are installed. */
class PackagesIT {
  @RegisterExtension static final Lab lab = new Lab();

  @Test
  void theArchiveRunsWhereItIsUnpackedAndUnpacksNothingMore() throws Exception {
    Path home = unpacked();
    Path temporary = lab.directory("tmp");
    Run demo =
        Run.of(
            List.of(home.resolve("bin/tls-uplift").toString(), "demo"),
            Map.of("JAVA_OPTS", "-Djava.io.tmpdir=" + temporary),
            "");
    assertThat(demo.exit()).as(demo.toString()).isZero();
    assertThat(files(temporary)).as("native libraries are found where they are").isEmpty();
    assertThat(files(home))
        .extracting(file -> home.relativize(file).toString())
        .contains(
            "LICENSE",
            "lib/jvm.options",
            "lib/tls-uplift.jar",
            "lib/native/Linux-aarch64/libnetty_tcnative_linux_aarch_64.so",
            "lib/native/Linux-aarch64/libsqlitejdbc.so",
            "lib/native/Linux-x86_64/libnetty_transport_native_epoll_x86_64.so",
            "config/tls-uplift.yaml",
            "config/systemd/tls-uplift.service",
            "tls-uplift.cdx.json");
  }

  @Test
  void theCompletionCompletes() throws Exception {
    Path script = unpacked().resolve("share/bash-completion/completions/tls-uplift");
    Run run =
        Run.of(
            List.of(
                Peers.require("bash"),
                "-c",
                "source '%s' && complete -p tls-uplift && COMP_WORDS=(tls-uplift ca s) COMP_CWORD=2 && $(complete -p tls-uplift | sed 's/.*-F \\([^ ]*\\).*/\\1/') && echo \"${COMPREPLY[@]}\""
                    .formatted(script)));
    run.succeeded();
    assertThat(run.output()).contains("show", "stage");
  }

  @Test
  void theManPagesAreCleanToMan() throws Exception {
    String man = Peers.require("man");
    List<Path> pages = files(unpacked().resolve("share/man/man1"));
    assertThat(pages)
        .extracting(page -> page.getFileName().toString())
        .contains("tls-uplift.1", "tls-uplift-run.1", "tls-uplift-ca-activate.1");
    for (Path page : pages) {
      Run run =
          Run.of(
              List.of(man, "--warnings", "-E", "UTF-8", "-l", page.toString()),
              Map.of("MANWIDTH", "80", "LC_ALL", "C.UTF-8"),
              "");
      run.succeeded();
      assertThat(run.output())
          .contains("NAME", "SYNOPSIS")
          .doesNotContainPattern("(?m)^(troff|groff|tbl|an.tmac|man):");
    }
  }

  /** It calls tar, and lintian calls it. */
  private static String dpkgDeb() {
    Peers.require("tar");
    return Peers.require("dpkg-deb");
  }

  @Test
  void theDebianPackageIsCleanToLintian() {
    dpkgDeb();
    Run run =
        Run.of(
            List.of(
                Peers.require("lintian"),
                "--allow-root",
                "--fail-on",
                "error,warning",
                Packages.ending(".deb").toString()));
    assertThat(run.exit()).as(run.toString()).isZero();
  }

  @Test
  void filesOfTheDebianPackageAreWritableByRootOnly() {
    Run run =
        Run.of(List.of(dpkgDeb(), "--contents", Packages.ending(".deb").toString())).succeeded();
    assertThat(run.output().lines())
        .isNotEmpty()
        .allMatch(line -> line.matches("(lrwxrwxrwx|[d-]rw.r-.r-.) root/root .*"));
    assertThat(run.output())
        .containsPattern("-rwxr-xr-x root/root .* ./usr/lib/tls-uplift/bin/tls-uplift\n")
        .containsPattern("-rwxr-xr-x root/root .* ./usr/lib/tls-uplift/bin/hand-over\n")
        .containsPattern("-rw-r--r-- root/root .* ./usr/lib/tls-uplift/lib/jvm.options\n")
        .contains("./usr/bin/tls-uplift -> ../lib/tls-uplift/bin/tls-uplift");
  }

  @Test
  void theRpmHasTheSameFilesAndItsScripts() {
    String rpm = Peers.require("rpm");
    String file = Packages.ending(".rpm").toString();
    Run.of(List.of(rpm, "-K", "--nosignature", file)).succeeded();
    String files = Run.of(List.of(rpm, "-qp", "--list", "--verbose", file)).succeeded().output();
    assertThat(files.lines())
        .filteredOn(line -> line.startsWith("-") || line.startsWith("d"))
        .isNotEmpty()
        .allMatch(line -> line.matches("[d-]rw.r-.r-. +\\d+ +root +root .*"));
    assertThat(files)
        .containsPattern("-rwxr-xr-x .* /usr/lib/tls-uplift/bin/tls-uplift\n")
        .containsPattern("-rw-r--r-- .* /usr/lib/tls-uplift/lib/jvm.options\n")
        .contains(
            "/usr/bin/tls-uplift -> ../lib/tls-uplift/bin/tls-uplift",
            "/usr/lib/systemd/system/tls-uplift@.service",
            "/usr/lib/sysusers.d/tls-uplift.conf",
            "/usr/share/licenses/tls-uplift/LICENSE")
        .doesNotContainPattern("/usr/lib/systemd/system\n")
        .doesNotContainPattern("/usr/share/man/man1\n");
    assertThat(Run.of(List.of(rpm, "-qp", "--scripts", file)).succeeded().output())
        .contains(
            "preinstall scriptlet (using /bin/sh)",
            "postinstall scriptlet (using /bin/sh)",
            "preuninstall scriptlet (using /bin/sh)",
            "postuninstall scriptlet (using /bin/sh)",
            "useradd --system");
    assertThat(Run.of(List.of(rpm, "-qp", "--requires", file)).succeeded().output())
        .contains("java-headless >= 1:17", "systemd");
  }

  @Test
  void theZipForWindowsHasAServiceAndNoLinesOfUnix() throws Exception {
    try (ZipFile zip = new ZipFile(Packages.ending("-windows.zip").toFile())) {
      List<String> names = zip.stream().map(ZipEntry::getName).toList();
      String top = names.get(0).substring(0, names.get(0).indexOf('/') + 1);
      assertThat(names)
          .allMatch(name -> name.startsWith(top))
          .contains(
              top + "bin/prunsrv.exe",
              top + "bin/tls-uplift.cmd",
              top + "lib/jvm.options",
              top + "lib/tls-uplift.jar",
              top + "config/tls-uplift.yaml",
              top + "install.ps1",
              top + "uninstall.ps1");
      for (String script : List.of("install.ps1", "uninstall.ps1", "bin/tls-uplift.cmd")) {
        String text =
            new String(
                zip.getInputStream(zip.getEntry(top + script)).readAllBytes(),
                StandardCharsets.US_ASCII);
        assertThat(Pattern.compile("(?<!\r)\n").matcher(text).find()).as(script).isFalse();
      }
    }
  }

  @Test
  void theChecksumsAreThoseOfAllFiles() throws Exception {
    Path directory = Packages.directory();
    List<String> sums = Files.readAllLines(directory.resolve("SHA256SUMS"));
    assertThat(sums)
        .hasSize(files(directory).size() - 1)
        .anyMatch(line -> line.endsWith(".cdx.json"));
    Run.of(
            new ProcessBuilder(Peers.require("sha256sum"), "--check", "--strict", "SHA256SUMS")
                .directory(directory.toFile()))
        .succeeded();
  }

  private static Path unpacked() throws IOException {
    Path directory = lab.directory("archive");
    Run.of(
            List.of(
                Peers.require("tar"),
                "-xzf",
                Packages.ending(".tar.gz").toString(),
                "-C",
                directory.toString()))
        .succeeded();
    try (Stream<Path> top = Files.list(directory)) {
      List<Path> found = new ArrayList<>(top.toList());
      assertThat(found).hasSize(1);
      return found.get(0);
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }
}
