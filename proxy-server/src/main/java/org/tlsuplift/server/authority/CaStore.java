package org.tlsuplift.server.authority;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.tlsuplift.proxy.ca.CaChecks;
import org.tlsuplift.proxy.ca.CaSettings;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.Provenance;
import org.tlsuplift.proxy.ca.RootCertificate;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.LockFile;
import org.tlsuplift.server.process.PemFile;

/**
 * The directory of a local CA: {@code ca.key.pem} and {@code ca.crt.pem}, only for their owner.
 *
 * <p>The directory has mode 0700, the files have 0600. A lock file prevents processes that start
 * together from mixing their pairs. A pair whose writer was killed is completed. The staged and the
 * previous CA have their own directories below, see {@link CaRotation}. Blocks on the disk and on
 * key generation, so call it only at start-up and from the command line.
 */
public final class CaStore {
  private static final DateTimeFormatter DATED =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private final Path directory;
  private final CaFiles files;
  private final Provenance provenance;
  private final Clock clock;
  private final LockFile lock;

  public CaStore(Path directory) {
    this(directory, Provenance.LOCAL, Clock.systemUTC());
  }

  /** The directory of a CA that only the devices of one listener trust. */
  public static CaStore ofListener(Path directory, String listener) {
    return new CaStore(directory, Provenance.ofListener(listener), Clock.systemUTC());
  }

  CaStore(Path directory, Provenance provenance, Clock clock) {
    this.directory = directory;
    this.files = new CaFiles(directory);
    this.provenance = provenance;
    this.clock = clock;
    this.lock = new LockFile(directory.resolve(CaFiles.LOCK));
  }

  public Path certificateFile() {
    return files.certificate();
  }

  public Path keyFile() {
    return files.key();
  }

  /** Whether there is a CA, or part of one. */
  public boolean exists() {
    return files.exist();
  }

  /**
   * Loads the CA, or makes it if there is none.
   *
   * @param settings for a new CA; an existing CA stays unchanged
   * @param progress receives lines for the operator
   * @throws OperatorException when the CA cannot be loaded or made; a broken CA is never replaced
   *     silently
   */
  public IssuingCa open(CaSettings settings, Consumer<String> progress) throws OperatorException {
    return open(() -> settings, progress);
  }

  /** Finds out what a new CA must have. */
  public interface NewCa {
    CaSettings settings() throws OperatorException;
  }

  /**
   * As {@link #open(CaSettings, Consumer)}, for settings that take time, such as requests to DNS.
   *
   * @param newCa is asked only if there is no CA
   */
  public IssuingCa open(NewCa newCa, Consumer<String> progress) throws OperatorException {
    if (exists() && !(files.areUnfinished() && Files.isWritable(directory))) {
      return load();
    }
    return writing(
        () -> {
          finish(progress);
          if (!exists()) {
            create(newCa.settings(), progress);
          }
          return read();
        });
  }

  /**
   * Loads the CA.
   *
   * @throws OperatorException when a file is missing, unreadable, corrupt or open to other users,
   *     or when the pair does not match or is not valid now
   */
  public IssuingCa load() throws OperatorException {
    if (!Files.isDirectory(directory)) {
      throw new OperatorException(
          "%s does not exist; start TLS Uplift once to create %s"
              .formatted(directory, provenance.description()));
    }
    return reading(this::read);
  }

  public CaRotation rotation() {
    return new CaRotation(this, files, provenance);
  }

  /** Receives a file of a CA directory. */
  public interface Visitor {
    /**
     * @param file relative to the directory
     */
    void visit(Path directory, Path file) throws IOException;
  }

  /**
   * Visits all files of the directory while no process writes to it: those of the signing CA, of
   * kept CAs, and of an interrupted change.
   *
   * @throws OperatorException when the directory or a file cannot be read, or is open to other
   *     users
   */
  public void visit(Visitor visitor) throws OperatorException {
    var unused =
        reading(
            () -> {
              List<Path> all = files.all();
              for (Path file : all) {
                visitor.visit(directory, file);
              }
              return all;
            });
  }

  /**
   * Keys of retired CAs that an earlier release left in the directory, and that are no longer
   * needed.
   *
   * @throws OperatorException when the directory cannot be read
   */
  public List<Path> retiredKeys() throws OperatorException {
    try {
      return Files.isDirectory(directory) ? files.retiredKeys() : List.of();
    } catch (IOException failed) {
      throw OperatorException.of("read", directory, failed);
    }
  }

  void finish(Consumer<String> progress) throws IOException {
    if (files.finish()) {
      progress.accept("completed " + certificateFile() + ", whose creation was interrupted");
    }
  }

  /** Reads while no other process writes. Refuses a directory that other users can access. */
  <T> T reading(LockFile.Work<T, RuntimeException> work) throws OperatorException {
    try {
      requirePrivate(directory, "700");
      return lock.shared(work);
    } catch (IOException failed) {
      throw OperatorException.of("read", directory, failed);
    }
  }

  /** Writes while no other process reads or writes. */
  <T> T writing(LockFile.Work<T, RuntimeException> work) throws OperatorException {
    try {
      FileModes.directory(directory, FileModes.Readers.OWNER);
      requirePrivate(directory, "700");
      return lock.exclusively(work);
    } catch (IOException failed) {
      throw OperatorException.of("write " + provenance.description() + " to", directory, failed);
    }
  }

  private void create(CaSettings settings, Consumer<String> progress)
      throws IOException, OperatorException {
    X509Certificate made;
    try {
      made = make(settings, files, files.newKey(), files.newCertificate(), progress);
    } catch (IOException failed) {
      files.discardNew();
      throw failed;
    }
    files.install();
    progress.accept(
        "created %s, valid until %s, SHA-256 %s; install it on the devices"
            .formatted(
                certificateFile(), made.getNotAfter().toInstant(), Fingerprint.sha256(made)));
  }

  X509Certificate make(
      CaSettings settings, CaFiles place, Path key, Path certificate, Consumer<String> progress)
      throws IOException, OperatorException {
    if (settings.isWeak() && !provenance.mayBeWeak()) {
      throw new IllegalArgumentException(provenance.description() + " must not be weak");
    }
    progress.accept(
        "creating %s with an %s key in %s"
            .formatted(provenance.description(), settings.keyAlgorithm(), directory));
    // Read before the key is made, because that may take seconds and would extend the validity.
    Instant now = clock.instant();
    KeyPair pair = settings.keyAlgorithm().generate();
    X509Certificate made = RootCertificate.selfSigned(settings, pair, now);
    place.create(key, PemFile.block("PRIVATE KEY", pair.getPrivate().getEncoded()));
    place.create(certificate, CaExport.encode(made, CaExport.Format.PEM));
    return made;
  }

  /** Keeps the certificate of a CA whose key is not kept, under a dated name. */
  void keepCertificate(Path certificate, Consumer<String> progress) throws IOException {
    if (Files.exists(certificate)) {
      Path kept = free(DATED.format(clock.instant()));
      files.create(kept, Files.readAllBytes(certificate));
      progress.accept("kept the old certificate as " + kept);
    }
  }

  /** A free file name, such as {@code ca.crt.20261124-093000.pem}. */
  private Path free(String stamp) {
    Path free = directory.resolve("ca.crt." + stamp + ".pem");
    for (int n = 2; Files.exists(free); n++) {
      free = directory.resolve("ca.crt." + stamp + "-" + n + ".pem");
    }
    return free;
  }

  Instant now() {
    return clock.instant();
  }

  IssuingCa read() throws IOException, OperatorException {
    return read(files.complete(), provenance);
  }

  /** Reads and checks a CA: its files must belong together, and it must be valid now. */
  IssuingCa read(CaFiles.Pair pair, Provenance of) throws IOException, OperatorException {
    for (Path each : List.of(pair.key(), pair.certificate())) {
      if (!Files.exists(each)) {
        throw new OperatorException(
            ("%s is missing, but the other file of the pair is there; restore it from a backup, "
                    + "or %s")
                .formatted(each, of.remedy()));
      }
    }
    requirePrivate(pair.key(), "600");
    return CaChecks.check(
        PemFile.read(pair.key()).key(null),
        PemFile.read(pair.certificate()).certificates(),
        pair.certificate().toString(),
        pair.key().toString(),
        of,
        clock.instant());
  }

  static void requirePrivate(Path path, String mode) throws IOException, OperatorException {
    Optional<String> open = FileModes.leaveToOwner(path);
    if (open.isPresent()) {
      throw exposed(path, open.get(), mode);
    }
  }

  /** The exception for a file or directory that other users can access. */
  static OperatorException exposed(Path path, String found, String mode) throws IOException {
    return new OperatorException(
        "%s is accessible to others (mode %s), but guards the CA's private key; %s"
            .formatted(path, found, FileModes.remedy(path, mode)));
  }
}
