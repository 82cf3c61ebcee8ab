package org.tlsuplift.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class PeerTest {
  @TempDir Path directory;

  private Path program(String text) throws IOException {
    Path program = Files.writeString(directory.resolve("program"), text);
    return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Skipped, or failed where peers are required. */
  private static void assertMissing(ThrowingCallable use, String reason) {
    assertThatThrownBy(use).hasMessageContaining("peer is missing: install it (" + reason);
  }

  @Test
  void findsAProgramThatRuns() throws Exception {
    Path program = program("#!/bin/sh\necho version 1\nexit 1\n");
    assertThat(Peer.requireRunning(program, "peer", "install it")).isEqualTo(program);
  }

  @Test
  void anEmptyProgramIsMissing() throws Exception {
    Path program = program("");
    assertMissing(
        () -> Peer.requireRunning(program, "peer", "install it"), program + " prints nothing");
  }

  @Test
  void aProgramThatCannotRunIsMissing() throws Exception {
    Path program = program("#!/bin/sh\necho no library >&2\nexit 127\n");
    assertMissing(() -> Peer.requireRunning(program, "peer", "install it"), "no library");
  }

  @Test
  void aProgramWithoutItsInterpreterIsMissing() throws Exception {
    Path program = program("#!/no/such/interpreter\n");
    assertMissing(() -> Peer.requireRunning(program, "peer", "install it"), "Cannot run program");
  }

  @Test
  void aRightThatTheKernelRefusesIsMissing() {
    assertMissing(
        () ->
            Peer.requireUse(
                "peer", "install it", "sh", "-c", "echo first; echo not permitted >&2; exit 1"),
        "not permitted");
  }

  @Test
  void triesEachUseOnce() {
    String count = directory.resolve("count").toString();
    for (int i = 0; i < 3; i++) {
      Peer.requireUse("peer", "install it", "sh", "-c", "echo x >> \"$0\"", count);
    }
    assertThat(Path.of(count)).hasContent("x");
  }
}
