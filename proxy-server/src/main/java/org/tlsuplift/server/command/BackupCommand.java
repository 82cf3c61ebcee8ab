package org.tlsuplift.server.command;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.backup.BackupContents;
import org.tlsuplift.server.backup.BackupFile;
import org.tlsuplift.server.backup.BackupSigner;
import org.tlsuplift.server.backup.Encryption;
import org.tlsuplift.server.backup.Manifest;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.daemon.Features;
import org.tlsuplift.server.feature.LeftOut;
import org.tlsuplift.server.process.Version;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a backup, while the daemon runs or not. */
@Command(
    name = "backup",
    footer =
        "%nExample:%n  tls-uplift backup --passphrase-file backup.passphrase /srv/backups/tls-uplift.pgp",
    header = "Write an encrypted backup of CAs, sign-ins, inventory, configuration and secrets.",
    description = {
      "The daemon may run meanwhile. The backup is an OpenPGP message, so 'gpg --decrypt' opens it"
          + " without this program; it contains a ZIP file. It has mode 0600, and is never written"
          + " without encryption. Run the command as the daemon's user or as root.",
      "An inventory in PostgreSQL is left out: use pg_dump. Messages that wait for delivery are"
          + " left out, because a restored copy would be sent again."
    })
public final class BackupCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();
  @Mixin private final PassphraseOption passphrase = new PassphraseOption();

  @Option(
      names = "--public-key",
      paramLabel = "FILE",
      description =
          "Encrypt to the OpenPGP public keys in this file instead of a passphrase. 'gpg --export"
              + " ADDRESS' writes it. The private key is not needed here. The backup is signed with a"
              + " key in the data directory, which the first such backup makes; the command prints"
              + " its fingerprint.")
  private @Nullable Path publicKey;

  @Parameters(paramLabel = "FILE", description = "The file to write; it must not exist.")
  private Path file = Path.of("");

  @Override
  public Integer call() throws Exception {
    if (publicKey != null && passphrase.isGiven()) {
      throw commandOutput.wrong("use --passphrase-file or --public-key, not both");
    }
    LoadedConfig loaded = config.load();
    String configuration = config.file();
    String credentials = System.getenv("CREDENTIALS_DIRECTORY");
    char[] secret = publicKey == null ? passphrase.choose() : new char[0];
    BackupSigner signer =
        publicKey == null ? null : BackupSigner.of(loaded.config().dataDirectory());
    try (BackupContents contents =
        BackupContents.collect(
            loaded.config(),
            configuration == null ? null : Path.of(configuration),
            Version.current().toString(),
            credentials == null ? null : Path.of(credentials))) {
      write(contents, encryption(secret), signer);
      Features.having(LeftOut.class, loaded).stream()
          .map(LeftOut::leftOut)
          .filter(note -> !note.isEmpty())
          .forEach(note -> commandOutput.line("note: " + note));
    } finally {
      Arrays.fill(secret, '\0');
    }
    return 0;
  }

  private Encryption encryption(char[] secret) throws OperatorException {
    return publicKey == null ? Encryption.byPassphrase(secret) : Encryption.toPublicKeys(publicKey);
  }

  private void write(BackupContents contents, Encryption encryption, @Nullable BackupSigner signer)
      throws OperatorException {
    Manifest manifest = BackupFile.write(file, contents, encryption, signer);
    commandOutput.line(
        "wrote %s: %d files, encrypted for %s"
            .formatted(file, manifest.entries().size(), encryption.description()));
    if (signer != null) {
      commandOutput.line(
          "signed by %s; write this fingerprint down apart from the backup: 'tls-uplift restore --signed-by' needs it"
              .formatted(signer.fingerprint()));
    }
    contents.notes().forEach(note -> commandOutput.line("note: " + note));
  }
}
