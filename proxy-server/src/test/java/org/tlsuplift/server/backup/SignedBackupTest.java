package org.tlsuplift.server.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.crypto.generators.RSAKeyPairGenerator;
import org.bouncycastle.crypto.params.RSAKeyGenerationParameters;
import org.bouncycastle.openpgp.PGPKeyRingGenerator;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyPair;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.CommandRun;

/** Anyone can encrypt to a public key: a signature proves who made a backup. */
class SignedBackupTest {
  private static final String CRON = "files/etc/cron.d/x";

  @TempDir private Path folder;
  private DataFolder source;
  private Path publicKey;
  private Path secretKey;
  private Path noPassphrase;

  @BeforeEach
  void makeKeys() throws Exception {
    source = DataFolder.create(Files.createDirectory(folder.resolve("old")));
    RSAKeyPairGenerator generator = new RSAKeyPairGenerator();
    generator.init(
        new RSAKeyGenerationParameters(BigInteger.valueOf(65_537), new SecureRandom(), 2048, 80));
    PGPSecretKeyRing ring =
        new PGPKeyRingGenerator(
                PGPSignature.POSITIVE_CERTIFICATION,
                new BcPGPKeyPair(
                    PublicKeyPacket.VERSION_4,
                    PublicKeyAlgorithmTags.RSA_GENERAL,
                    generator.generateKeyPair(),
                    Date.from(Instant.now())),
                "backup@corp.example",
                new BcPGPDigestCalculatorProvider().get(HashAlgorithmTags.SHA1),
                null,
                null,
                new BcPGPContentSignerBuilder(
                    PublicKeyAlgorithmTags.RSA_GENERAL, HashAlgorithmTags.SHA256),
                null)
            .generateSecretKeyRing();
    publicKey = Files.write(folder.resolve("public.pgp"), ring.toCertificate().getEncoded());
    secretKey = Files.write(folder.resolve("secret.pgp"), ring.getEncoded());
    noPassphrase = DataFolder.privately(folder.resolve("passphrase"), "unused\n");
  }

  private Path backUp() throws Exception {
    Path backup = folder.resolve("backup.pgp");
    CommandRun run =
        CommandRun.of(
            "backup",
            backup.toString(),
            "--config",
            source.config().toString(),
            "--public-key",
            publicKey.toString());
    assertThat(run.exit()).as(run.toString()).isZero();
    assertThat(run.out()).contains("signed by " + signer().fingerprint());
    return backup;
  }

  private BackupSigner signer() throws Exception {
    return BackupSigner.of(source.data());
  }

  private CommandRun restore(Path backup, String... options) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "restore",
                backup.toString(),
                "--secret-key",
                secretKey.toString(),
                "--passphrase-file",
                noPassphrase.toString(),
                "--data-directory",
                folder.resolve("new").toString(),
                "--files-to",
                folder.resolve("root").toString()));
    arguments.addAll(List.of(options));
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  private void assertRefused(CommandRun run, String reason) {
    assertThat(run.exit()).as(run.toString()).isNotZero();
    assertThat(run.err()).contains(reason, "nothing was written");
    assertThat(folder.resolve("new")).doesNotExist();
    assertThat(folder.resolve("root")).doesNotExist();
  }

  /** The entries of a backup, which a forger may read if the backup is his own. */
  private Map<String, byte[]> entries(Path backup) throws Exception {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (InputStream in = Files.newInputStream(backup);
        ZipInputStream zip =
            new ZipInputStream(Decryption.bySecretKey(secretKey, new char[0]).open(in).content())) {
      for (ZipEntry each = zip.getNextEntry(); each != null; each = zip.getNextEntry()) {
        entries.put(each.getName(), zip.readAllBytes());
      }
    }
    return entries;
  }

  private Path encrypt(Map<String, byte[]> entries) throws Exception {
    Path file = folder.resolve("forged.pgp");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(Encryption.toPublicKeys(publicKey).open(out))) {
      for (Map.Entry<String, byte[]> each : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(each.getKey()));
        zip.write(each.getValue());
      }
    }
    return file;
  }

  @Test
  void itsSignerIsRequired() throws Exception {
    Path backup = backUp();
    assertRefused(restore(backup), "use --signed-by with the fingerprint");
    assertRefused(restore(backup, "--signed-by", "00".repeat(20)), "another key signed");
    assertRefused(restore(backup, "--signed-by", ""), "another key signed");

    String typed = signer().fingerprint().toLowerCase(Locale.ROOT).replaceAll("(....)", "$1 ");
    CommandRun run = restore(backup, "--signed-by", typed);
    assertThat(run.exit()).as(run.toString()).isZero();
    assertThat(folder.resolve("new/audit.journal"))
        .as("a restore replaces the audit log, which says so")
        .content()
        .contains("\tcommand\tbackup.restore\t", "\tdone");
    assertThat(run.out()).contains("signed by       " + signer().fingerprint());
    assertThat(BackupSigner.of(folder.resolve("new")).fingerprint())
        .as("the next backup has the same signer")
        .isEqualTo(signer().fingerprint());
  }

  @Test
  void theKeyOfTheSignerIsForItsOwnerAlone() throws Exception {
    backUp();
    assertThat(DataFolder.mode(source.data().resolve("backup"))).isEqualTo("rwx------");
    assertThat(DataFolder.mode(source.data().resolve("backup/signing.key"))).isEqualTo("rw-------");
  }

  @Test
  void aBackupWithoutASignatureIsReadableAndNeedsAnExtraOption() throws Exception {
    Path backup =
        source.backup(folder.resolve("earlier.pgp"), Encryption.toPublicKeys(publicKey), null);
    String fingerprint = signer().fingerprint();
    assertRefused(restore(backup), "nothing proves who made this backup");
    assertRefused(restore(backup, "--signed-by", fingerprint), "use --unverified");
    CommandRun list = restore(backup, "--list");
    assertThat(list.exit()).as(list.toString()).isZero();
    assertThat(list.out()).contains("signed by       no key", "data/ca/ca.key.pem");

    CommandRun run = restore(backup, "--unverified");
    assertThat(run.exit()).as(run.toString()).isZero();
    assertThat(folder.resolve("new/ca/ca.key.pem")).exists();
  }

  @Test
  void aBackupWithTheSignatureOfAnotherIsRefused() throws Exception {
    Path backup = backUp();
    Path attacker = Files.createDirectory(folder.resolve("attacker"));
    Map<String, byte[]> forged = entries(backup);
    Manifest manifest = Manifest.parse(forged.get(Manifest.NAME));
    Manifest changed =
        new Manifest(
            manifest.created(),
            manifest.program(),
            manifest.dataDirectory(),
            manifest.configuration(),
            BackupSigner.of(attacker).fingerprint(),
            manifest.entries());
    forged.put(Manifest.NAME, changed.encode());
    forged.put(Manifest.SIGNER, BackupSigner.of(attacker).publicKey());
    forged.put(Manifest.SIGNATURE, BackupSigner.of(attacker).sign(changed.encode()));
    assertRefused(
        restore(encrypt(forged), "--signed-by", signer().fingerprint()), "another key signed");
  }

  @Test
  void aChangedManifestIsRefusedWithoutFurtherOptions() throws Exception {
    Path backup = backUp();
    BackupSigner attacker = BackupSigner.of(Files.createDirectory(folder.resolve("attacker")));
    String fingerprint = signer().fingerprint();
    for (int change = 0; change < 6; change++) {
      Map<String, byte[]> forged = entries(backup);
      byte[] manifest = forged.get(Manifest.NAME);
      switch (change) {
        case 0 -> {
          ByteArrayOutputStream more = new ByteArrayOutputStream();
          more.writeBytes(manifest);
          more.writeBytes(
              "%s  1  %s\n".formatted("0".repeat(64), CRON).getBytes(StandardCharsets.UTF_8));
          forged.put(Manifest.NAME, more.toByteArray());
        }
        case 1 -> forged.put(Manifest.SIGNATURE, attacker.sign(manifest));
        case 2 -> forged.put(Manifest.SIGNER, attacker.publicKey());
        case 3 -> {
          forged.put(Manifest.SIGNER, attacker.publicKey());
          forged.put(Manifest.SIGNATURE, attacker.sign(manifest));
        }
        case 4 -> forged.put(Manifest.SIGNATURE, new byte[0]);
        default -> forged.remove(Manifest.SIGNATURE);
      }
      Path file = encrypt(forged);
      assertRefused(restore(file, "--signed-by", fingerprint), "damaged or forged");
      assertRefused(restore(file, "--unverified"), "damaged or forged");
    }
  }

  @Test
  void aDamagedKeyOfTheSignerIsNamed() throws IOException {
    Path directory = Files.createDirectories(folder.resolve("data/backup"));
    Files.write(directory.resolve("signing.key"), new byte[] {1, 2, 3});
    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(() -> BackupSigner.of(folder.resolve("data")))
        .withMessageContaining(directory.resolve("signing.key") + " cannot be used to sign");
  }
}
