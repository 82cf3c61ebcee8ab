package org.tlsuplift.proxy.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The real openssl program. */
public final class OpenSsl {
  private OpenSsl() {}

  /** Skips the test without openssl, or fails it if peers are required. */
  public static void require() {
    Peer.require("openssl", "openssl");
  }

  public static Program.Result run(Path directory, String... arguments)
      throws IOException, InterruptedException {
    return Program.run(directory, command(arguments));
  }

  /** Runs openssl, which must succeed, and returns its output. */
  public static String must(Path directory, String... arguments)
      throws IOException, InterruptedException {
    return Program.must(directory, command(arguments));
  }

  private static List<String> command(String... arguments) {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    return command;
  }
}
