package org.tlsuplift.server.command;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import picocli.AutoComplete;
import picocli.CommandLine;

/**
 * Writes what packages have beside the program: man pages, the completion for shells, and Debian's
 * changelog. The build runs it with {@code -Pdist}.
 */
public final class PackageFiles {
  /** Where RFC 1952 says how hard the compression tried, and its value for 'most'. */
  private static final int EFFORT = 8;

  private static final byte MOST = 2;

  /** The completion for bash works in zsh too. The last line completes the call that loads it. */
  private static final String ZSH =
      """
      #compdef tls-uplift
      autoload -U +X bashcompinit && bashcompinit
      source /usr/share/bash-completion/completions/tls-uplift
      _bash_complete -o default -F _complete_tls-uplift
      """;

  private final Path directory;
  private final String version;
  private final Instant built;

  private PackageFiles(Path directory, String version, Instant built) {
    this.directory = directory;
    this.version = version;
    this.built = built;
  }

  /**
   * Writes the files.
   *
   * @param arguments the directory to write to, the version, the time of the build, and the
   *     changelog with {@code @version@} and {@code @date@}
   */
  public static void main(String[] arguments) throws IOException {
    PackageFiles files =
        new PackageFiles(Path.of(arguments[0]), arguments[1], Instant.parse(arguments[2]));
    CommandLine line = UpliftCommand.line(CommandRun.NEVER);
    files.write(Path.of("completions", "tls-uplift"), AutoComplete.bash("tls-uplift", line));
    files.write(Path.of("completions-fish", "tls-uplift.fish"), FishCompletion.of(line));
    files.write(Path.of("completions-zsh", "_tls-uplift"), ZSH);
    files.manPages(line);
    files.changelog(Files.readString(Path.of(arguments[3])));
  }

  private void manPages(CommandLine line) throws IOException {
    String day = built.atOffset(ZoneOffset.UTC).toLocalDate().toString();
    ManPage page = ManPage.of(line, version, day);
    write(Path.of("man", page.name() + ".1"), page.text());
    compress(Path.of("man.gz", page.name() + ".1.gz"), page.text());
    for (CommandLine each : line.getSubcommands().values()) {
      if (!each.getCommandSpec().usageMessage().hidden()) {
        manPages(each);
      }
    }
  }

  private void changelog(String text) throws IOException {
    compress(
        Path.of("debian", "changelog.gz"),
        text.replace("@version@", version.replace("-SNAPSHOT", "~SNAPSHOT"))
            .replace(
                "@date@",
                DateTimeFormatter.RFC_1123_DATE_TIME
                    .format(built.atOffset(ZoneOffset.UTC))
                    .replace("GMT", "+0000")));
  }

  private void write(Path file, String text) throws IOException {
    Path target = directory.resolve(file);
    Files.createDirectories(target.getParent());
    Files.writeString(target, text);
  }

  private void compress(Path file, String text) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (BestCompression output = new BestCompression(compressed)) {
      output.write(text.getBytes(StandardCharsets.UTF_8));
    }
    byte[] bytes = compressed.toByteArray();
    // The JDK leaves it out; lintian asks for it.
    bytes[EFFORT] = MOST;
    Path target = directory.resolve(file);
    Files.createDirectories(target.getParent());
    Files.write(target, bytes);
  }

  private static final class BestCompression extends GZIPOutputStream {
    BestCompression(ByteArrayOutputStream output) throws IOException {
      super(output);
      def.setLevel(Deflater.BEST_COMPRESSION);
    }
  }
}
