package org.tlsuplift.server.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.tlsuplift.proxy.ca.CaExport;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.keyfile.FileModes;
import org.tlsuplift.server.config.ServerConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes the certificate in the forms that device web pages take. */
@Command(
    name = "export",
    header = "Write the certificate for the devices; its key is never written.")
final class CaExportCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CaOption which = new CaOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Option(
      names = {"-t", "--to"},
      paramLabel = "DIRECTORY",
      description = "Where to write; by default here. It is made if it is missing.")
  private Path directory = Path.of(".");

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      split = ",",
      description = "Of pem, der and pkcs7; by default all.")
  private List<CaExport.Format> formats = List.of(CaExport.Format.values());

  @Override
  public Integer call() throws Exception {
    ServerConfig loaded = config.load().config();
    IssuingCa ca = CaOption.existing(which.source(loaded));
    try {
      FileModes.directory(directory, FileModes.Readers.ALL);
    } catch (IOException failed) {
      throw new CommandFailedException(
          directory + " cannot be made: " + failed + "; give another by --to");
    }
    for (CaExport.Format format : formats) {
      Path file = directory.resolve(name() + "." + format.extension());
      CaExport.write(ca.anchor(), format, file);
      commandOutput.line("%-40s %s".formatted(file, format.name().toLowerCase(Locale.ROOT)));
    }
    commandOutput.line("SHA-256 " + CaExport.sha256(ca.anchor()));
    which.others(loaded, "export").forEach(commandOutput::line);
    return 0;
  }

  private String name() {
    return "tls-uplift-ca" + which.listener().map(listener -> "-" + listener).orElse("");
  }
}
