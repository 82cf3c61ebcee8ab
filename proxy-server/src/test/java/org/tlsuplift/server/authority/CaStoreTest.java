package org.tlsuplift.server.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.asn1.x509.Certificate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.ca.CaSettings;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.PermittedNames;
import org.tlsuplift.proxy.ca.Provenance;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.testing.CaFixtures;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.PemFile;

/** The directory of the local CA: made once, private, and refused after any unexpected change. */
final class CaStoreTest {
  private static final CaSettings SETTINGS = CaFixtures.quick(CaFixtures.NAMES);

  @TempDir Path temp;
  private Path directory;
  private CaStore store;

  @BeforeEach
  void freshDirectory() {
    directory = temp.resolve("data/ca");
    store = new CaStore(directory);
  }

  @Test
  void createsOnceAndLoadsTheSameAfterwards() throws Exception {
    List<String> progress = new ArrayList<>();
    IssuingCa created = store.open(SETTINGS, progress::add);
    assertThat(progress).hasSize(2);
    assertThat(progress.get(0)).contains("creating", "EC-P256", directory.toString());
    assertThat(progress.get(1))
        .contains("valid until", Fingerprint.sha256(created.certificate()), "install it");
    progress.clear();

    IssuingCa loaded = new CaStore(directory).open(SETTINGS, progress::add);

    assertThat(loaded.certificate()).isEqualTo(created.certificate());
    // Only the same key signs what this certificate verifies.
    CaFixtures.validate(CaFixtures.leaf(loaded, "outlook.com"), created.anchor(), Instant.now());
    assertThat(progress).isEmpty();
  }

  @Test
  void anExistingCaNeedsNoSettings() throws Exception {
    IssuingCa created = store.open(SETTINGS, line -> {});
    CaStore.NewCa unknown =
        () -> {
          throw new OperatorException("no name server responds");
        };
    assertThat(store.open(unknown, line -> {}).certificate()).isEqualTo(created.certificate());
  }

  @Test
  void everythingIsForTheOwnerOnly() throws Exception {
    store.open(SETTINGS, line -> {});
    assertThat(mode(directory)).isEqualTo("rwx------");
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files)
          .extracting(file -> file.getFileName() + " " + mode(file))
          .containsExactlyInAnyOrder(
              "ca.key.pem rw-------", "ca.crt.pem rw-------", "ca.lock rw-------");
    }
  }

  @ParameterizedTest
  @EnumSource(value = KeyAlgorithm.class, names = "RSA_1024", mode = EnumSource.Mode.EXCLUDE)
  void makesEveryKindOfKey(KeyAlgorithm algorithm) throws Exception {
    IssuingCa ca = store.open(CaFixtures.settings(algorithm, true, CaFixtures.NAMES), line -> {});
    assertThat(ca.certificate().getPublicKey().getAlgorithm())
        .isEqualTo(algorithm.toString().substring(0, algorithm.toString().indexOf('-')));
    ca.certificate().verify(ca.certificate().getPublicKey());
    CaFixtures.validate(CaFixtures.leaf(ca, "smtp.office365.com"), ca.anchor(), Instant.now());
  }

  @Test
  void isValidForResetClocksAndEndsBefore2050() throws Exception {
    Instant now = Instant.parse("2045-06-01T00:00:00Z");
    X509Certificate certificate =
        new CaStore(directory, Provenance.LOCAL, CaFixtures.at(now))
            .open(SETTINGS, line -> {})
            .certificate();
    assertThat(certificate.getNotBefore().toInstant()).isEqualTo("2000-01-01T00:00:00Z");
    assertThat(certificate.getNotAfter().toInstant()).isEqualTo("2049-12-31T23:59:59Z");
  }

  @Test
  void refusesToCreateWithAClockOutsideOfTheValidity() {
    CaStore lost = new CaStore(directory, Provenance.LOCAL, CaFixtures.at(Instant.EPOCH));
    refused(() -> lost.open(SETTINGS, line -> {}), "1970-01-01", "set this machine's clock");
    assertThat(store.exists()).isFalse();
  }

  @Test
  void refusesToCreateACaThatMaySignNothing() {
    CaSettings nothing = CaFixtures.quick(new PermittedNames(List.of(), List.of()));
    refused(() -> store.open(nothing, line -> {}), "no name", "add a route");
    assertThat(store.exists()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ca.key.pem", "ca.crt.pem"})
  void refusesHalfAPair(String missing) throws Exception {
    store.open(SETTINGS, line -> {});
    Files.delete(directory.resolve(missing));
    refused(() -> store.open(SETTINGS, line -> {}), missing, "is missing", "restore it");
    assertThat(directory.resolve(missing)).doesNotExist();
  }

  @Test
  void refusesKeyAndCertificateOfDifferentPairs() throws Exception {
    store.open(SETTINGS, line -> {});
    CaStore other = new CaStore(temp.resolve("other"));
    other.open(SETTINGS, line -> {});
    Files.copy(
        other.certificateFile(), store.certificateFile(), StandardCopyOption.REPLACE_EXISTING);
    refused(store::load, "ca.key.pem does not match", "ca.crt.pem", "put back");
  }

  /** One bit of each byte is flipped, in the signature, the names, the key and all else. */
  @Test
  void refusesACertificateWithAFlippedBit() throws Exception {
    byte[] good = store.open(SETTINGS, line -> {}).certificate().getEncoded();
    for (int at = 0; at < good.length; at++) {
      byte[] damaged = good.clone();
      damaged[at] ^= (byte) (1 << at % 8);
      Files.write(store.certificateFile(), PemFile.block("CERTIFICATE", damaged));
      assertThatThrownBy(store::load)
          .as("byte %s", at)
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("ca.crt.pem");
    }
    damageSignature(good);
    refused(store::load, "ca.crt.pem", "is damaged", "restore it from a backup", "ca stage");
    Files.write(store.certificateFile(), PemFile.block("CERTIFICATE", good));
    store.load();
  }

  /** Java clears the unused bits of a signature, which changes nothing if they are 0. */
  @Test
  void refusesASignatureWithUnusedBits() throws Exception {
    byte[] even;
    do {
      delete(directory);
      even = store.open(SETTINGS, line -> {}).certificate().getEncoded();
    } while (even[even.length - 1] % 2 != 0);
    int unusedBits = even.length - signatureLength(even) - 1;
    even[unusedBits] = 1;
    Files.write(store.certificateFile(), PemFile.block("CERTIFICATE", even));
    refused(store::load, "ca.crt.pem", "is damaged", "restore it from a backup");
  }

  private static int signatureLength(byte[] certificate) {
    return Certificate.getInstance(certificate).getSignature().getOctets().length;
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    }
  }

  private void damageSignature(byte[] good) throws IOException {
    byte[] damaged = good.clone();
    damaged[good.length - 1] ^= 1;
    Files.write(store.certificateFile(), PemFile.block("CERTIFICATE", damaged));
  }

  @ParameterizedTest
  @CsvSource({"rw-r-----, rwxr-x---", "rw-rw----, rwxrwx---", "rw-------, rwx--x---"})
  void removesGroupAccessFromItsFiles(String key, String whole) throws Exception {
    store.open(SETTINGS, line -> {});
    Files.setPosixFilePermissions(store.keyFile(), PosixFilePermissions.fromString(key));
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(whole));
    assertThat(store.load()).isNotNull();
    assertThat(mode(store.keyFile())).isEqualTo("rw-------");
    assertThat(mode(directory)).isEqualTo("rwx------");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r--r--", "rw----r--", "rw-rw--w-", "rwx-----x"})
  void refusesAKeyFileOpenToOthers(String mode) throws Exception {
    store.open(SETTINGS, line -> {});
    Files.setPosixFilePermissions(store.keyFile(), PosixFilePermissions.fromString(mode));
    refused(store::load, mode, "chmod 600 " + store.keyFile());
  }

  @Test
  void refusesADirectoryOpenToOthers() throws Exception {
    store.open(SETTINGS, line -> {});
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-x--x"));
    refused(store::load, "rwxr-x--x", "chmod 700 " + directory);
    refused(() -> store.open(SETTINGS, line -> {}), "chmod 700 " + directory);
    refused(() -> store.rotation().stage(SETTINGS, line -> {}), "chmod 700 " + directory);
  }

  @Test
  void refusesADirectoryOfTheOperatorThatIsOpenToOthers() throws Exception {
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    refused(() -> store.open(SETTINGS, line -> {}), "chmod 700 " + directory);
    assertThat(store.exists()).isFalse();
  }

  @Test
  void refusesAnUnreadableKey() throws Exception {
    assumeFalse("root".equals(System.getProperty("user.name")), "as root, who can read everything");
    store.open(SETTINGS, line -> {});
    Files.setPosixFilePermissions(store.keyFile(), PosixFilePermissions.fromString("-w-------"));
    refused(store::load, store.keyFile().toString(), "permission denied");
  }

  @Test
  void refusesAMissingDirectoryOnLoad() {
    refused(store::load, directory + " does not exist", "start TLS Uplift");
  }

  @Test
  void refusesACorruptCertificate() throws Exception {
    store.open(SETTINGS, line -> {});
    Files.writeString(store.certificateFile(), "");
    refused(store::load, "ca.crt.pem has no certificate", "BEGIN CERTIFICATE");
    Files.writeString(
        store.certificateFile(), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    refused(store::load, "ca.crt.pem is corrupt", "backup");
    Files.write(store.certificateFile(), new byte[(1 << 20) + 1]);
    refused(store::load, "larger than 1 MiB");
  }

  @Test
  void refusesACorruptKey() throws Exception {
    store.open(SETTINGS, line -> {});
    Files.writeString(store.keyFile(), "");
    refused(store::load, "ca.key.pem has no private key", "BEGIN PRIVATE KEY");
    Files.writeString(
        store.keyFile(), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    refused(store::load, "ca.key.pem is corrupt", "backup");
  }

  @ParameterizedTest
  @EnumSource(
      value = KeyAlgorithm.class,
      names = {"RSA_2048", "EC_P256"})
  void neverShowsThePartsOfACorruptKey(KeyAlgorithm algorithm) throws Exception {
    IssuingCa ca = store.open(CaFixtures.settings(algorithm, true, CaFixtures.NAMES), line -> {});
    String good = Files.readString(store.keyFile());
    Random random = new Random(20261124);
    int refusals = 0;
    for (int round = 0; round < 300; round++) {
      StringBuilder bad = new StringBuilder(good);
      int where = random.nextInt(bad.length());
      switch (round % 3) {
        case 0 -> bad.setCharAt(where, (char) (' ' + random.nextInt(95)));
        case 1 -> bad.setLength(where);
        default -> bad.delete(where, Math.min(bad.length(), where + 1 + random.nextInt(9)));
      }
      Files.writeString(store.keyFile(), bad);
      try {
        // A change that keeps the key intact is not a corruption.
        assertThat(store.load().certificate()).isEqualTo(ca.certificate());
      } catch (OperatorException refused) {
        refusals++;
        assertShowsNoKey(CaFixtures.trace(refused), good);
      }
    }
    assertThat(refusals).isGreaterThan(200);
  }

  @Test
  void neverShowsItsKey() throws Exception {
    List<String> said = new ArrayList<>();
    IssuingCa ca = store.open(SETTINGS, said::add);
    String key = Files.readString(store.keyFile());
    said.add(ca.toString());
    said.add(SETTINGS.toString());
    said.forEach(each -> assertShowsNoKey(each, key));
    assertThat(ca.toString()).contains("TLS Uplift local CA test");
  }

  @Test
  void refusesACertificateThatIsNoCa() throws Exception {
    IssuingCa ca = store.open(SETTINGS, line -> {});
    Leaf leaf = CaFixtures.leaf(ca, "outlook.com");
    CaFixtures.pem(store.certificateFile(), leaf.chain().get(0));
    Files.write(store.keyFile(), PemFile.block("PRIVATE KEY", leaf.key().getEncoded()));
    refused(store::load, "ca.crt.pem", "is not a CA certificate", "basicConstraints");
  }

  @Test
  void refusesACaOutsideOfItsValidity() throws Exception {
    Instant end = store.open(SETTINGS, line -> {}).expiresAt();
    CaStore late = new CaStore(directory, Provenance.LOCAL, CaFixtures.at(end.plusSeconds(1)));
    refused(late::load, "expired on " + end, "ca stage", "ca activate");
    CaStore early = new CaStore(directory, Provenance.LOCAL, CaFixtures.at(Instant.EPOCH));
    refused(early::load, "not valid before 2000-01-01T00:00:00Z", "clock says 1970-01-01");
    assertThat(new CaStore(directory, Provenance.LOCAL, CaFixtures.at(end)).load()).isNotNull();
  }

  @Test
  void manyThreadsThatStartAtOnceAgreeOnOneCa() throws Exception {
    int threads = 12;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<X509Certificate>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        Callable<X509Certificate> one =
            () -> {
              start.await();
              return new CaStore(directory).open(SETTINGS, line -> {}).certificate();
            };
        all.add(pool.submit(one));
      }
      start.countDown();
      X509Certificate first = all.get(0).get();
      for (Future<X509Certificate> each : all) {
        assertThat(each.get()).isEqualTo(first);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  /** The state after each step of a creation or an exchange; 'new' is the written pair. */
  @ParameterizedTest
  @CsvSource({
    "none, new, new, none, new",
    "none, none, new, new, new",
    "new, none, none, new, new",
    "old, old, new, none, old",
    "old, old, new, new, old",
    "new, old, none, new, new",
    "old, new, new, none, new",
  })
  void usesTheCompletePairThatAKilledProcessLeft(
      String key, String certificate, String newKey, String newCertificate, String used)
      throws Exception {
    CaStore old = new CaStore(temp.resolve("old"));
    CaStore fresh = new CaStore(temp.resolve("new"));
    Map<String, IssuingCa> made =
        Map.of("old", old.open(SETTINGS, line -> {}), "new", fresh.open(SETTINGS, line -> {}));
    FileModes.directory(directory, FileModes.Readers.OWNER);
    for (String[] file :
        new String[][] {
          {"ca.key.pem", key, "ca.key.pem"},
          {"ca.crt.pem", certificate, "ca.crt.pem"},
          {"ca.key.pem", newKey, "ca.key.pem.new"},
          {"ca.crt.pem", newCertificate, "ca.crt.pem.new"}
        }) {
      Path from = temp.resolve(file[1]).resolve(file[0]);
      if (Files.exists(from)) {
        Files.copy(from, directory.resolve(file[2]), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    X509Certificate expected = made.get(used).certificate();
    if (store.exists()) {
      assertThat(store.load().certificate()).isEqualTo(expected);
    }

    assertThat(store.open(SETTINGS, line -> {}).certificate()).isEqualTo(expected);

    assertThat(store.load().certificate()).isEqualTo(expected);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("ca.key.pem", "ca.crt.pem", "ca.lock");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ca.key.pem.new.1f3a.new", "ca.key.pem.5.new", "ca.crt.pem.new.77.new"})
  void erasesUnfinishedFilesOfAKilledProcess(String name) throws Exception {
    X509Certificate made = store.open(SETTINGS, line -> {}).certificate();
    Path leftover = Files.write(directory.resolve(name), new byte[] {1, 2, 3});
    Path content = Files.createLink(temp.resolve("content"), leftover);

    assertThat(store.open(SETTINGS, line -> {}).certificate()).isEqualTo(made);

    assertThat(leftover).doesNotExist();
    assertThat(content).hasBinaryContent(new byte[3]);
  }

  @Test
  void limitsItselfToServersAndToNamesOfHosts() throws Exception {
    X509Certificate made = store.open(SETTINGS, line -> {}).certificate();
    assertThat(made.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(CaDifferences.missingLimits(store.load())).isEmpty();
  }

  @Test
  void settingsHaveBounds() {
    assertThat(CaSettings.defaults(CaFixtures.NAMES, "proxy1").commonName())
        .isEqualTo("TLS Uplift local CA proxy1");
    assertThat(CaSettings.commonNameFor("h".repeat(200))).hasSize(64);
    assertThatThrownBy(
            () ->
                new CaSettings(
                    KeyAlgorithm.EC_P256,
                    SignatureHash.SHA384,
                    false,
                    CaFixtures.NAMES,
                    "x",
                    CaSettings.DEFAULT_VALID_FROM,
                    Duration.ofHours(1),
                    Extensions.ALL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("below one day");
  }

  /** No 12 consecutive characters of the key's text may appear. */
  private static void assertShowsNoKey(String text, String pem) {
    for (String line : pem.split("\n", -1)) {
      for (int i = 0; !line.startsWith("-----") && i + 12 <= line.length(); i++) {
        assertThat(text).doesNotContain(line.substring(i, i + 12));
      }
    }
  }

  private static void refused(ThrowingCallable work, String... parts) {
    assertThatThrownBy(work)
        .isInstanceOf(OperatorException.class)
        .hasMessageContainingAll(parts)
        .message()
        .doesNotContain("\n");
  }

  private static String mode(Path path) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
