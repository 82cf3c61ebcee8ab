package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigWatchTest {
  @TempDir Path directory;
  private final AtomicInteger reloads = new AtomicInteger();
  private Path file;
  private ConfigWatch watch;

  @BeforeEach
  void open() throws IOException {
    file = directory.resolve("tls-uplift.yaml");
    Files.writeString(file, "one");
    watch = new ConfigWatch(() -> List.of(file), reloads::incrementAndGet);
  }

  @Test
  void reloadsOnceAfterTwoEqualChecks() throws IOException {
    watch.look();
    assertThat(reloads).hasValue(0);
    Files.writeString(file, "half");
    watch.look();
    Files.writeString(file, "whole");
    watch.look();
    assertThat(reloads).as("the content still changes").hasValue(0);
    watch.look();
    assertThat(reloads).hasValue(1);
    watch.look();
    watch.look();
    assertThat(reloads).hasValue(1);
  }

  @Test
  void aNewTimeIsNoChange() throws IOException {
    Files.setLastModifiedTime(file, FileTime.fromMillis(1));
    watch.look();
    watch.look();
    assertThat(reloads).hasValue(0);
  }

  @Test
  void aMissingFileIsAChangeAndItsReturnTooIfItDiffers() throws IOException {
    Files.delete(file);
    watch.look();
    watch.look();
    assertThat(reloads).hasValue(1);
    Files.writeString(file, "two");
    watch.look();
    watch.look();
    assertThat(reloads).hasValue(2);
  }

  /** As kubelet does: the file is a link below a link, which is replaced at once. */
  @Test
  void followsTheLinksOfKubernetes() throws IOException {
    Path mount = Files.createDirectory(directory.resolve("mount"));
    version(mount, "..2026_01", "one");
    Files.createSymbolicLink(mount.resolve("..data"), Path.of("..2026_01"));
    Path linked = mount.resolve("tls-uplift.yaml");
    Files.createSymbolicLink(linked, Path.of("..data", "tls-uplift.yaml"));
    ConfigWatch mounted = new ConfigWatch(() -> List.of(linked), reloads::incrementAndGet);
    mounted.look();
    version(mount, "..2026_02", "two");
    Files.createSymbolicLink(mount.resolve("..data_tmp"), Path.of("..2026_02"));
    Files.move(
        mount.resolve("..data_tmp"), mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    mounted.look();
    mounted.look();
    assertThat(reloads).hasValue(1);
  }

  private static void version(Path mount, String name, String text) throws IOException {
    Path version = Files.createDirectory(mount.resolve(name));
    Path content = version.resolve("tls-uplift.yaml");
    Files.writeString(content, text);
    Files.setLastModifiedTime(content, FileTime.fromMillis(1));
  }
}
