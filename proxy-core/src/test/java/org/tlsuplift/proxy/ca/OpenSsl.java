package org.tlsuplift.proxy.ca;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.tlsuplift.proxy.testing.Peer;

/** The real openssl program: another implementation's word on what was written here. */
final class OpenSsl {
  private OpenSsl() {}

  /** What a run printed, both streams, and how it ended. */
  record Result(int exit, String output) {}

  /** Skips the test without openssl, but fails it where peers are required. */
  static void require() {
    Peer.require("openssl", "openssl");
  }

  /** Runs openssl in a directory. */
  static Result run(Path directory, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), output);
  }

  /** Runs openssl, which must succeed; gives its output. */
  static String must(Path directory, String... arguments) throws IOException, InterruptedException {
    Result result = run(directory, arguments);
    assertThat(result.exit()).as(String.join(" ", arguments) + "\n" + result.output()).isZero();
    return result.output();
  }
}
