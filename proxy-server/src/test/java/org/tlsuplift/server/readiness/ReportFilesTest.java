package org.tlsuplift.server.readiness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All files of a report change together, or none does. */
class ReportFilesTest {
  private static final List<String> NAMES = List.of("a.html", "b.csv", "c.csv");

  @TempDir Path folder;

  private ReportFiles write(boolean replace) throws IOException {
    ReportFiles files = ReportFiles.in(folder, NAMES, replace);
    for (String name : NAMES) {
      try (Writer to = files.open(name)) {
        to.write("new");
      }
    }
    return files;
  }

  private void old(String... names) throws IOException {
    for (String name : names) {
      Files.writeString(folder.resolve(name), "old");
    }
  }

  /** What is there, in the order of names. */
  private List<String> found() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().map(file -> file.getFileName() + " " + content(file)).toList();
    }
  }

  private static String content(Path file) {
    try {
      return Files.isDirectory(file) ? "directory" : Files.readString(file);
    } catch (IOException failed) {
      throw new AssertionError(failed);
    }
  }

  @Test
  void newOnesReplaceTheOld() throws Exception {
    old("a.html", "c.csv");
    try (ReportFiles files = write(true)) {
      files.keep();
    }
    assertThat(found()).containsExactly("a.html new", "b.csv new", "c.csv new");
  }

  @Test
  void theOldOnesComeBackWhenTheLastCannotBeReplaced() throws Exception {
    old("a.html", "c.csv");
    try (ReportFiles files = write(true)) {
      try (Stream<Path> all = Files.list(folder)) {
        Files.delete(
            all.filter(file -> file.getFileName().toString().matches("c\\.csv\\..*part"))
                .findFirst()
                .orElseThrow());
      }
      assertThatIOException().isThrownBy(files::keep);
    }
    assertThat(found()).containsExactly("a.html old", "c.csv old");
  }

  @Test
  void doesNotReplaceADirectory() throws Exception {
    old("a.html");
    Files.createDirectory(folder.resolve("c.csv"));
    try (ReportFiles files = write(true)) {
      assertThatIOException().isThrownBy(files::keep).withMessageEndingWith("c.csv is not a file");
    }
    assertThat(found()).containsExactly("a.html old", "c.csv directory");
  }

  @Test
  void writesNoFileIfOneAppearedMeanwhile() throws Exception {
    try (ReportFiles files = write(false)) {
      old("c.csv");
      assertThatIOException().isThrownBy(files::keep).withMessageEndingWith("exists already");
    }
    assertThat(found()).containsExactly("c.csv old");
  }
}
