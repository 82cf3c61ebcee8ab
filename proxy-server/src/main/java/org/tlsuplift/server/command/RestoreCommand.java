package org.tlsuplift.server.command;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.backup.Decryption;
import org.tlsuplift.server.backup.Manifest;
import org.tlsuplift.server.backup.Restore;
import org.tlsuplift.server.command.text.LogLevels;
import org.tlsuplift.server.daemon.RestoredCertificates;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.terminal.CommandAudit;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Restores a backup to a data directory that no daemon uses. */
@Command(
    name = "restore",
    footer =
        "%nExample:%n  tls-uplift restore --list --passphrase-file backup.passphrase /srv/backups/tls-uplift.pgp",
    header = "Restore a backup, after checking all of it.",
    description = {
      "Stop the daemon first. The command refuses a data directory that a daemon uses or that is"
          + " not empty. It writes nothing before the whole backup is decrypted and checked.",
      "Files get mode 0600 and the owner of their directory. Run the command as the daemon's user"
          + " or as root."
    })
public final class RestoreCommand implements Callable<Integer> {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();
  @Mixin private final PassphraseOption passphrase = new PassphraseOption();

  @Option(
      names = "--secret-key",
      paramLabel = "FILE",
      description =
          "The OpenPGP private key of a backup that was encrypted to a public key. 'gpg"
              + " --export-secret-keys ADDRESS' writes it. The passphrase is that of the key.")
  private @Nullable Path secretKey;

  @Option(
      names = "--data-directory",
      paramLabel = "DIRECTORY",
      description = "Restore to this data directory. Without this option: that of the backup.")
  private @Nullable Path dataDirectory;

  @Option(
      names = "--files-to",
      paramLabel = "DIRECTORY",
      description =
          "Also write the configuration and the files that it names, and no others, with their"
              + " absolute paths"
              + " below this directory: / for their old places. Without this option, they are not"
              + " written.")
  private @Nullable Path filesTo;

  @Option(
      names = "--force",
      description =
          "Replace what is there. It is kept: in the data directory under before-restore-DATE.")
  private boolean force;

  @Option(
      names = "--replace-newer-ca",
      description = "Also replace another CA that is not older than that of the backup.")
  private boolean replaceNewerCa;

  @Option(
      names = "--signed-by",
      paramLabel = "FINGERPRINT",
      description =
          "With --secret-key: the fingerprint of the key that must have signed the backup, as"
              + " 'tls-uplift backup' printed it. Anyone can encrypt to a public key.")
  private @Nullable String signedBy;

  @Option(
      names = "--unverified",
      description =
          "With --secret-key: restore a backup although nothing proves who made it, such as one"
              + " that an earlier version made without a signature.")
  private boolean unverified;

  @Option(
      names = "--list",
      description = "Check the backup and list what it contains. Write nothing.")
  private boolean list;

  @Parameters(paramLabel = "FILE", description = "The backup.")
  private Path file = Path.of("");

  @Override
  public Integer call() throws Exception {
    char[] secret =
        passphrase.ask(
            secretKey == null
                ? "Passphrase of the backup"
                : "Passphrase of the private key (empty if it has none)");
    try {
      Decryption decryption =
          secretKey == null
              ? Decryption.byPassphrase(secret)
              : Decryption.bySecretKey(secretKey, secret);
      Restore restore = Restore.check(file, decryption);
      restore.backup().summary().forEach(commandOutput::line);
      if (secretKey != null && !restore.backup().manifest().isSigned()) {
        commandOutput.line(
            "signed by       no key: anyone who has the public key can have made this backup");
      }
      if (list) {
        restore.backup().manifest().entries().forEach(this::list);
      } else {
        Restore.Choices choices =
            new Restore.Choices(
                dataDirectory, filesTo, force, replaceNewerCa, signedBy, unverified);
        Path directory = restore.run(choices, commandOutput::line);
        CommandAudit.record(
            commandOutput,
            directory,
            "backup.restore",
            Change.done(file.toString(), "", "backup of " + restore.backup().manifest().created()));
        LogLevels.silent();
        restore
            .configuration(choices)
            .ifPresent(at -> RestoredCertificates.check(at, directory, commandOutput::line));
      }
      return 0;
    } finally {
      Arrays.fill(secret, '\0');
    }
  }

  private void list(Manifest.Entry entry) {
    commandOutput.line("%12d  %s".formatted(entry.size(), entry.name()));
  }
}
