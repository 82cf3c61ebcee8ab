package org.tlsuplift.server.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.authority.CaExport;
import org.tlsuplift.server.authority.CaSource;
import org.tlsuplift.server.authority.KeptCa;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes the certificate in the formats that devices accept. */
@Command(
    name = "export",
    footer = "%nExample:%n  tls-uplift ca export --to certificates --format pem,der",
    header = "Write the certificate for the devices; its key is never written.",
    description = {
      "Writes tls-uplift-ca.pem, .cer (DER) and .p7b (PKCS#7). While a CA is staged, it also"
          + " writes tls-uplift-staged-ca in these formats: install both CAs on the devices."
    })
public final class CaExportCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CaOption which = new CaOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Option(
      names = {"-t", "--to"},
      paramLabel = "DIRECTORY",
      description = "The output directory, created if missing. Default: the current directory.")
  private Path directory = Path.of(".");

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      split = ",",
      description = "pem, der or pkcs7; separate several with commas. Default: all.")
  private List<CaExport.Format> formats = List.of(CaExport.Format.values());

  @Override
  public Integer call() throws Exception {
    ServerConfig loaded = config.load().config();
    CaSource source = which.source(loaded);
    requireSome(source);
    try {
      FileModes.directory(directory, FileModes.Readers.ALL);
    } catch (IOException failed) {
      throw new OperatorException(
          directory + " cannot be created: " + failed + "; choose another directory with --to");
    }
    Optional<KeptCa> staged = source.kept(KeptCa.Role.STAGED);
    if (staged.isPresent()) {
      commandOutput.line("staged: signs after '" + source.command("activate") + "'");
      write(which.stagedFile(), staged.get().ca());
      commandOutput.line("signs now:");
    }
    write(which.file(), CaOption.existing(source));
    which.others(loaded, "export").forEach(commandOutput::line);
    return 0;
  }

  /** Fails if there is no CA, before the directory is created. */
  private static void requireSome(CaSource source) throws OperatorException {
    if (source.kept(KeptCa.Role.STAGED).isEmpty()) {
      var unused = CaOption.existing(source);
    }
  }

  private void write(String name, IssuingCa ca) throws OperatorException {
    for (CaExport.Format format : formats) {
      Path file = directory.resolve(name + "." + format.extension());
      CaExport.write(ca.anchor(), format, file);
      commandOutput.line("%-40s %s".formatted(file, format.name().toLowerCase(Locale.ROOT)));
    }
    commandOutput.line("SHA-256 " + Fingerprint.sha256(ca.anchor()));
  }
}
