package org.tlsuplift.server.daemon.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A jar that is replaced is noticed. */
class JarWatchTest {
  @TempDir Path directory;
  private Path jar;

  @BeforeEach
  void make() throws IOException {
    jar = Files.writeString(directory.resolve("program.jar"), "old");
  }

  @Test
  void noticesAnotherFileInItsPlace() throws IOException {
    JarWatch watch = new JarWatch(jar);
    assertThat(watch.look()).isFalse();
    Path young = Files.writeString(directory.resolve("young.jar"), "new");
    Files.move(young, jar, StandardCopyOption.REPLACE_EXISTING);
    assertThat(watch.look()).isTrue();
  }

  @Test
  void noticesOtherBytesInTheSameFile() throws IOException {
    JarWatch watch = new JarWatch(jar);
    Files.writeString(jar, "longer");
    assertThat(watch.look()).isTrue();
  }

  @Test
  void waitsForTheNewJarIfTheOldOneIsDeleted() throws IOException {
    JarWatch watch = new JarWatch(jar);
    Files.delete(jar);
    assertThat(watch.look()).isFalse();
    Files.writeString(jar, "longer");
    assertThat(watch.look()).isTrue();
  }

  @Test
  void watchesNothingWithoutAJar() {
    JarWatch watch = new JarWatch(null);
    assertThat(watch.look()).isFalse();
  }
}
