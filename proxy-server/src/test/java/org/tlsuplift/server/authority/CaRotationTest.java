package org.tlsuplift.server.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.ca.CaSettings;
import org.tlsuplift.proxy.ca.Provenance;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.testing.CaFixtures;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.server.process.PemFile;

/** A next CA is staged, activated, taken back, and the key before it erased; one always signs. */
final class CaRotationTest {
  private static final CaSettings SETTINGS = CaFixtures.quick(CaFixtures.NAMES);
  private static final Instant NOW = Instant.parse("2026-11-27T06:00:00Z");

  @TempDir Path temp;
  private Path directory;
  private CaStore store;
  private CaRotation rotation;

  @BeforeEach
  void freshDirectory() {
    directory = temp.resolve("data/ca");
    store = new CaStore(directory, Provenance.LOCAL, CaFixtures.at(NOW));
    rotation = store.rotation();
  }

  private X509Certificate signing() throws OperatorException {
    return store.load().certificate();
  }

  private X509Certificate kept(KeptCa.Role role) throws OperatorException {
    return rotation.kept(role).orElseThrow().ca().certificate();
  }

  private X509Certificate first() throws OperatorException {
    return store.open(SETTINGS, line -> {}).certificate();
  }

  @Test
  void aStagedCaSignsNothingUntilItIsActivated() throws Exception {
    X509Certificate first = first();
    List<String> progress = new ArrayList<>();

    KeptCa staged = rotation.stage(SETTINGS, progress::add);

    assertThat(signing()).isEqualTo(first);
    assertThat(new CaStore(directory).open(SETTINGS, line -> {}).certificate()).isEqualTo(first);
    assertThat(staged.role()).isEqualTo(KeptCa.Role.STAGED);
    assertThat(staged.since()).isEqualTo(NOW);
    assertThat(staged.certificateFile()).isEqualTo(directory.resolve("staged/ca.crt.pem"));
    // Devices that look an issuer up by its name alone must not find the wrong one.
    assertThat(staged.ca().certificate().getSubjectX500Principal())
        .isNotEqualTo(first.getSubjectX500Principal());
    assertThat(progress)
        .anyMatch(line -> line.startsWith("staged ") && line.contains(staged.sha256()));
    assertThat(rotation.kept(KeptCa.Role.PREVIOUS)).isEmpty();
  }

  @Test
  void activationKeepsThePreviousCaAndUndoRestoresIt() throws Exception {
    X509Certificate first = first();
    X509Certificate next = rotation.stage(SETTINGS, line -> {}).ca().certificate();

    assertThat(rotation.activate(line -> {}).certificate()).isEqualTo(next);

    assertThat(signing()).isEqualTo(next);
    assertThat(kept(KeptCa.Role.PREVIOUS)).isEqualTo(first);
    assertThat(rotation.kept(KeptCa.Role.PREVIOUS).orElseThrow().since()).isEqualTo(NOW);
    assertThat(rotation.kept(KeptCa.Role.STAGED)).isEmpty();

    assertThat(rotation.undo(line -> {})).isEqualTo(CaRotation.Undone.WENT_BACK);

    assertThat(signing()).isEqualTo(first);
    assertThat(kept(KeptCa.Role.STAGED)).isEqualTo(next);
    assertThat(rotation.kept(KeptCa.Role.PREVIOUS)).isEmpty();
    assertThat(rotation.activate(line -> {}).certificate()).isEqualTo(next);
    assertThat(files()).containsExactlyInAnyOrder(files("previous"));
  }

  @Test
  void undoErasesAStagedCa() throws Exception {
    X509Certificate first = first();
    rotation.stage(SETTINGS, line -> {});
    Path key = directory.resolve("staged/ca.key.pem");
    long length = Files.size(key);
    Path sameFile = Files.createLink(temp.resolve("same"), key);

    assertThat(rotation.undo(line -> {})).isEqualTo(CaRotation.Undone.DROPPED);

    assertThat(Files.readAllBytes(sameFile)).hasSize((int) length).containsOnly(0);
    assertThat(signing()).isEqualTo(first);
    assertThat(files()).containsExactlyInAnyOrder(files(""));
    refused(() -> rotation.undo(line -> {}), "nothing to undo", directory.toString());
  }

  @Test
  void retiringErasesThePreviousKeyAndKeepsItsCertificate() throws Exception {
    X509Certificate first = first();
    String old = Files.readString(store.keyFile());
    rotation.stage(SETTINGS, line -> {});
    rotation.activate(line -> {});
    Path sameFile =
        Files.createLink(temp.resolve("same"), directory.resolve("previous/ca.key.pem"));
    Path ofAnEarlierRelease = directory.resolve("ca.key.20250101-000000.pem");
    Files.writeString(ofAnEarlierRelease, old);
    assertThat(store.retiredKeys()).containsExactly(ofAnEarlierRelease);
    List<String> progress = new ArrayList<>();

    rotation.retire(progress::add);

    Path dated = directory.resolve("ca.crt.20261127-060000.pem");
    assertThat(PemFile.read(dated).certificates()).containsExactly(first);
    assertThat(Files.readAllBytes(sameFile)).hasSize(old.length()).containsOnly(0);
    assertThat(files()).hasSize(4).contains(dated.getFileName() + " rw-------");
    assertThat(progress)
        .contains("kept the old certificate as " + dated, "erased the key of the previous CA")
        .anyMatch(line -> line.startsWith("erased " + ofAnEarlierRelease));
    refused(() -> rotation.retire(line -> {}), "nothing to erase");
  }

  @Test
  void anExchangeErasesTheKeyInItsOldPlace() throws Exception {
    first();
    long length = Files.size(store.keyFile());
    Path sameFile = Files.createLink(temp.resolve("same"), store.keyFile());
    rotation.stage(SETTINGS, line -> {});
    rotation.activate(line -> {});
    assertThat(Files.readAllBytes(sameFile)).hasSize((int) length).containsOnly(0);
  }

  @Test
  void everythingIsForTheOwnerOnly() throws Exception {
    first();
    rotation.stage(SETTINGS, line -> {});
    assertThat(files()).containsExactlyInAnyOrder(files("staged"));
    rotation.activate(line -> {});
    assertThat(files()).containsExactlyInAnyOrder(files("previous"));
  }

  /** The daemon runs as another user than the operator, who often is root. */
  @Test
  void leavesAllFilesToTheOwnerOfTheDirectory() throws Exception {
    Peer.requireUse(
        "the right to give files away",
        "run the tests as root, outside a container",
        "sh",
        "-ec",
        "file=$(mktemp); trap 'rm \"$file\"' EXIT; chown nobody \"$file\"");
    first();
    UserPrincipal daemon =
        directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path each : all.toList()) {
        Files.setOwner(each, daemon);
      }
    }
    rotation.stage(SETTINGS, line -> {});
    assertOwner(daemon);
    rotation.activate(line -> {});
    assertOwner(daemon);
    rotation.retire(line -> {});
    assertOwner(daemon);
  }

  private void assertOwner(UserPrincipal owner) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path each : all.toList()) {
        assertThat(Files.getOwner(each)).as(each.toString()).isEqualTo(owner);
      }
    }
  }

  @Test
  void refusesASecondStagedCa() throws Exception {
    first();
    String staged = rotation.stage(SETTINGS, line -> {}).sha256();
    refused(
        () -> rotation.stage(SETTINGS, line -> {}),
        "staged already, since " + NOW,
        staged,
        "'tls-uplift ca activate'",
        "'tls-uplift ca undo'");
    assertThat(rotation.kept(KeptCa.Role.STAGED).orElseThrow().sha256()).isEqualTo(staged);
  }

  @Test
  void refusesToStageWhileAPreviousKeyIsKept() throws Exception {
    first();
    rotation.stage(SETTINGS, line -> {});
    rotation.activate(line -> {});
    refused(() -> rotation.stage(SETTINGS, line -> {}), "'tls-uplift ca retire'", "previous");
    rotation.retire(line -> {});
    assertThat(rotation.stage(SETTINGS, line -> {})).isNotNull();
  }

  @Test
  void refusesToActivateIfNoCaIsStaged() throws Exception {
    X509Certificate first = first();
    refused(() -> rotation.activate(line -> {}), "no CA is staged", "'tls-uplift ca stage'");
    assertThat(signing()).isEqualTo(first);
  }

  @Test
  void namesTheListenerInItsCommands() throws Exception {
    CaStore own = CaStore.ofListener(directory, "alarms");
    own.open(SETTINGS, line -> {});
    refused(() -> own.rotation().activate(line -> {}), "'tls-uplift ca stage --listener alarms'");
  }

  @Test
  void refusesToReplaceAMissingCa() {
    for (ThrowingCallable command :
        List.<ThrowingCallable>of(
            () -> rotation.stage(SETTINGS, line -> {}),
            () -> rotation.activate(line -> {}),
            () -> rotation.undo(line -> {}),
            () -> rotation.retire(line -> {}))) {
      refused(command, "ca.crt.pem does not exist", "start TLS Uplift once");
    }
    assertThat(directory).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ca.key.pem", "ca.crt.pem"})
  void refusesToActivateABrokenCaAndCanDropIt(String file) throws Exception {
    X509Certificate first = first();
    rotation.stage(SETTINGS, line -> {});
    Files.writeString(directory.resolve("staged").resolve(file), "broken");

    refused(() -> rotation.activate(line -> {}), "staged/" + file);

    assertThat(signing()).isEqualTo(first);
    assertThat(rotation.undo(line -> {})).isEqualTo(CaRotation.Undone.DROPPED);
    assertThat(rotation.stage(SETTINGS, line -> {})).isNotNull();
  }

  @ParameterizedTest
  @EnumSource(KeptCa.Role.class)
  void namesTheCommandThatRemovesAnIncompleteCa(KeptCa.Role role) throws Exception {
    first();
    rotation.stage(SETTINGS, line -> {});
    if (role == KeptCa.Role.PREVIOUS) {
      rotation.activate(line -> {});
    }
    Files.delete(directory.resolve(role.folder()).resolve("ca.key.pem"));
    refused(
        () -> rotation.kept(role),
        "ca.key.pem is missing",
        role == KeptCa.Role.STAGED ? "'tls-uplift ca undo'" : "'tls-uplift ca retire'");
    assertThat(store.load()).isNotNull();
  }

  @Test
  void refusesAKeptKeyThatOthersCanRead() throws Exception {
    first();
    rotation.stage(SETTINGS, line -> {});
    Path key = directory.resolve("staged/ca.key.pem");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    refused(() -> rotation.activate(line -> {}), "chmod 600 " + key);
    refused(() -> rotation.kept(KeptCa.Role.STAGED), "chmod 600 " + key);
  }

  @Test
  void replacesABrokenCa() throws Exception {
    X509Certificate first = first();
    Files.writeString(store.keyFile(), "broken");
    Files.writeString(directory.resolve("ca.key.pem.new"), "left by a crash");
    List<String> progress = new ArrayList<>();

    X509Certificate next = rotation.stage(SETTINGS, line -> {}).ca().certificate();
    rotation.activate(progress::add);

    assertThat(signing()).isEqualTo(next);
    assertThat(directory.resolve("ca.key.pem.new")).doesNotExist();
    assertThat(rotation.kept(KeptCa.Role.PREVIOUS)).isEmpty();
    assertThat(progress).anyMatch(line -> line.contains("no way back"));
    assertThat(PemFile.read(directory.resolve("ca.crt.20261127-060000.pem")).certificates())
        .containsExactly(first);
  }

  @Test
  void replacesAnExpiredCa() throws Exception {
    X509Certificate first = first();
    Instant late = first.getNotAfter().toInstant().plus(Duration.ofDays(1));
    CaStore then = new CaStore(directory, Provenance.LOCAL, CaFixtures.at(late));
    then.rotation().stage(SETTINGS, line -> {});
    X509Certificate next = then.rotation().activate(line -> {}).certificate();
    assertThat(then.load().certificate()).isEqualTo(next).isNotEqualTo(first);
    refused(() -> then.rotation().undo(line -> {}), "expired on", "'tls-uplift ca retire'");
    assertThat(then.load().certificate()).isEqualTo(next);
  }

  /**
   * As after each of the steps of an activation: A signs, and B is staged.
   *
   * @param key of the CA that signs
   * @param staged what is in its directory
   */
  @ParameterizedTest(name = "{0} {1} new: {2} {3} staged: {4} previous: {5}, unfinished {6}")
  @CsvSource({
    // The previous one is being copied, and gets its name.
    "A, A, none, none, B, none, previous.new, A",
    "A, A, none, none, B, A, none, A",
    // The new pair is being copied.
    "A, A, B, none, B, A, none, A",
    "A, A, B, B, B, A, none, A",
    // It gets its names.
    "B, A, none, B, B, A, none, B",
    "B, B, none, none, B, A, none, B",
    // The staged one is being erased.
    "B, B, none, none, none, A, staged.new, B",
    "B, B, none, none, none, A, none, B",
  })
  void aKilledActivationLeavesOneThatSignsAndOneThatIsKept(
      String key,
      String certificate,
      String newKey,
      String newCertificate,
      String staged,
      String previous,
      String unfinished,
      String signs)
      throws Exception {
    X509Certificate a = new CaStore(temp.resolve("A")).open(SETTINGS, line -> {}).certificate();
    X509Certificate b = new CaStore(temp.resolve("B")).open(SETTINGS, line -> {}).certificate();
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    put(key, "ca.key.pem", directory.resolve("ca.key.pem"));
    put(certificate, "ca.crt.pem", directory.resolve("ca.crt.pem"));
    put(newKey, "ca.key.pem", directory.resolve("ca.key.pem.new"));
    put(newCertificate, "ca.crt.pem", directory.resolve("ca.crt.pem.new"));
    for (String[] each : new String[][] {{staged, "staged"}, {previous, "previous"}}) {
      Path kept = directory.resolve(each[1]);
      put(each[0], "ca.key.pem", kept.resolve("ca.key.pem"));
      put(each[0], "ca.crt.pem", kept.resolve("ca.crt.pem"));
    }
    if (!unfinished.equals("none")) {
      put("A", "ca.key.pem", directory.resolve(unfinished).resolve("ca.key.pem"));
    }
    X509Certificate expected = signs.equals("A") ? a : b;

    assertThat(signing()).isEqualTo(expected);
    assertThat(rotation.kept(KeptCa.Role.STAGED).map(each -> each.ca().certificate()))
        .isEqualTo(signs.equals("A") ? Optional.of(b) : Optional.empty());
    assertThat(rotation.kept(KeptCa.Role.PREVIOUS).map(each -> each.ca().certificate()))
        .isEqualTo(signs.equals("A") ? Optional.empty() : Optional.of(a));

    // The daemon starts over it, and the command is run again.
    assertThat(store.open(SETTINGS, line -> {}).certificate()).isEqualTo(expected);
    assertThat(directory.resolve("previous.new")).doesNotExist();
    assertThat(directory.resolve("staged.new")).doesNotExist();
    if (signs.equals("A")) {
      assertThat(rotation.activate(line -> {}).certificate()).isEqualTo(b);
    } else {
      refused(() -> rotation.activate(line -> {}), "retire");
    }
    assertThat(signing()).isEqualTo(b);
    assertThat(kept(KeptCa.Role.PREVIOUS)).isEqualTo(a);
    assertThat(files()).containsExactlyInAnyOrder(files("previous"));
  }

  private void put(String which, String file, Path to) throws IOException {
    if (!which.equals("none")) {
      if (!Files.exists(to.getParent())) {
        Files.createDirectory(to.getParent());
        Files.setPosixFilePermissions(to.getParent(), PosixFilePermissions.fromString("rwx------"));
      }
      Files.copy(temp.resolve(which).resolve(file), to, StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  @Test
  void aKilledStagingLeavesTheOneThatSigns() throws Exception {
    X509Certificate first = first();
    Files.createDirectory(directory.resolve("staged.new"));
    Files.copy(store.keyFile(), directory.resolve("staged.new/ca.key.pem"));
    assertThat(rotation.kept(KeptCa.Role.STAGED)).isEmpty();
    assertThat(signing()).isEqualTo(first);
    assertThat(rotation.stage(SETTINGS, line -> {})).isNotNull();
    assertThat(files()).containsExactlyInAnyOrder(files("staged"));
  }

  @Test
  void readersSeeACompletePairDuringExchanges() throws Exception {
    X509Certificate first = first();
    X509Certificate next = rotation.stage(SETTINGS, line -> {}).ca().certificate();
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      Future<?> exchanges =
          pool.submit(
              () -> {
                for (int i = 0; i < 30; i++) {
                  rotation.activate(line -> {});
                  rotation.undo(line -> {});
                }
                return null;
              });
      while (!exchanges.isDone()) {
        assertThat(new CaStore(directory).load().certificate()).isIn(first, next);
      }
      exchanges.get();
    } finally {
      pool.shutdownNow();
    }
  }

  /** As on a second machine: the whole directory is copied. */
  @ParameterizedTest
  @EnumSource(KeptCa.Role.class)
  void aCopiedDirectoryContinuesTheRotation(KeptCa.Role role) throws Exception {
    X509Certificate first = first();
    X509Certificate next = rotation.stage(SETTINGS, line -> {}).ca().certificate();
    if (role == KeptCa.Role.PREVIOUS) {
      rotation.activate(line -> {});
    }
    Path copy = temp.resolve("copy");
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path each : all.toList()) {
        Files.copy(
            each, copy.resolve(directory.relativize(each)), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    CaStore second = new CaStore(copy);
    assertThat(second.open(SETTINGS, line -> {}).certificate())
        .isEqualTo(role == KeptCa.Role.STAGED ? first : next);
    if (role == KeptCa.Role.STAGED) {
      assertThat(second.rotation().activate(line -> {}).certificate()).isEqualTo(next);
    } else {
      second.rotation().undo(line -> {});
      assertThat(second.load().certificate()).isEqualTo(first);
    }
  }

  private String[] files(String kept) {
    List<String> all =
        new ArrayList<>(
            List.of("ca.key.pem rw-------", "ca.crt.pem rw-------", "ca.lock rw-------"));
    if (!kept.isEmpty()) {
      all.addAll(
          List.of(
              kept + " rwx------", kept + "/ca.key.pem rw-------", kept + "/ca.crt.pem rw-------"));
    }
    return all.toArray(String[]::new);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(each -> !each.equals(directory))
          .map(each -> directory.relativize(each) + " " + mode(each))
          .toList();
    }
  }

  private static String mode(Path path) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static void refused(ThrowingCallable work, String... parts) {
    assertThatThrownBy(work)
        .isInstanceOf(OperatorException.class)
        .hasMessageContainingAll(parts)
        .message()
        .doesNotContain("\n")
        .hasSizeLessThan(400);
  }
}
