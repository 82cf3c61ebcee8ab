package org.tlsuplift.server.terminal;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --config}. */
public class ConfigFile {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      defaultValue = "${env:TLS_UPLIFT_CONFIG}",
      description =
          "The YAML configuration. Without this option: the file in the environment variable"
              + " TLS_UPLIFT_CONFIG, or the built-in default.")
  private @Nullable Path file;

  /** The file; null for the built-in default. */
  public final @Nullable String file() {
    return file == null ? null : file.toString();
  }
}
