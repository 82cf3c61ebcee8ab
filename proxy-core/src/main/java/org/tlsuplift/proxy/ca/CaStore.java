package org.tlsuplift.proxy.ca;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.Consumer;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.keyfile.PemFile;

/**
 * The directory of a CA made here: {@code ca.key.pem} and {@code ca.crt.pem}, for their owner only.
 *
 * <p>The directory has mode 0700 and the files 0600. A lock file keeps processes that start at once
 * from mixing their pairs. Blocks on the disk and on key generation: for start-up and the command
 * line.
 */
public final class CaStore {
  private static final DateTimeFormatter DATED =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private final Path directory;
  private final Provenance provenance;
  private final Clock clock;
  private final StoreLock lock;

  /** A directory, which need not exist. */
  public CaStore(Path directory) {
    this(directory, Clock.systemUTC());
  }

  CaStore(Path directory, Clock clock) {
    this(directory, Provenance.LOCAL, clock);
  }

  /** A directory, which need not exist, of a CA that only the devices of one listener trust. */
  public static CaStore ofListener(Path directory, String listener) {
    return ofListener(directory, listener, Clock.systemUTC());
  }

  static CaStore ofListener(Path directory, String listener, Clock clock) {
    return new CaStore(directory, Provenance.ofListener(listener), clock);
  }

  private CaStore(Path directory, Provenance provenance, Clock clock) {
    this.directory = directory;
    this.provenance = provenance;
    this.clock = clock;
    this.lock = new StoreLock(directory);
  }

  /** Where the CA's certificate is. */
  public Path certificateFile() {
    return directory.resolve("ca.crt.pem");
  }

  /** Where the CA's key is. */
  public Path keyFile() {
    return directory.resolve("ca.key.pem");
  }

  /** Whether there is a CA, or part of one. */
  public boolean exists() {
    return Files.exists(keyFile()) || Files.exists(certificateFile());
  }

  /**
   * Loads the CA; makes it if there is none.
   *
   * @param settings for a new CA; one that exists stays as it is
   * @param progress told what is being done, in lines for the operator
   * @throws CaException when it cannot be loaded or made: a broken CA is never replaced silently
   */
  public IssuingCa open(CaSettings settings, Consumer<String> progress) throws CaException {
    if (exists()) {
      return load();
    }
    return writing(
        () -> {
          if (!exists()) {
            create(settings, progress);
          }
          return read();
        });
  }

  /**
   * Loads the CA.
   *
   * @throws CaException when a file is missing, unreadable, corrupt, open to others, or the pair
   *     does not match or is not valid now
   */
  public IssuingCa load() throws CaException {
    if (!Files.isDirectory(directory)) {
      throw new CaException(
          directory
              + " does not exist; start TLS Uplift once to create "
              + provenance.description());
    }
    try {
      requirePrivate();
      return lock.shared(this::read);
    } catch (IOException failed) {
      throw CaException.of("read", directory, failed);
    }
  }

  /**
   * Makes a new CA in place of the old one, which is kept under a dated name and need not be
   * intact.
   *
   * <p>Devices must then be given the new certificate; a running daemon signs with the old one
   * until it is started again.
   *
   * @throws CaException when it cannot be made; the old one is then still in its place
   */
  public IssuingCa rotate(CaSettings settings, Consumer<String> progress) throws CaException {
    return writing(
        () -> {
          create(settings, progress);
          return read();
        });
  }

  private IssuingCa writing(StoreLock.Work<IssuingCa> work) throws CaException {
    try {
      PrivateFiles.createDirectory(directory);
      requirePrivate();
      return lock.exclusively(work);
    } catch (IOException failed) {
      throw CaException.of("write " + provenance.description() + " to", directory, failed);
    }
  }

  private void create(CaSettings settings, Consumer<String> progress)
      throws IOException, CaException {
    if (settings.isWeak() && !provenance.mayBeWeak()) {
      throw new IllegalArgumentException(provenance.description() + " must not be weak");
    }
    progress.accept(
        "creating "
            + provenance.description()
            + " with an "
            + settings.keyAlgorithm()
            + " key in "
            + directory);
    KeyPair key = settings.keyAlgorithm().generate();
    X509Certificate certificate = RootCertificate.selfSigned(settings, key, clock.instant());
    Path newKey = directory.resolve("ca.key.pem.new");
    Path newCertificate = directory.resolve("ca.crt.pem.new");
    // Left by a process that was killed; nobody else is here while we hold the lock.
    Files.deleteIfExists(newKey);
    Files.deleteIfExists(newCertificate);
    try {
      PrivateFiles.write(newKey, PemFile.block("PRIVATE KEY", key.getPrivate().getEncoded()));
      PrivateFiles.write(newCertificate, PemFile.block("CERTIFICATE", certificate.getEncoded()));
      String stamp = freeStamp();
      keep(keyFile(), stamp, progress);
      keep(certificateFile(), stamp, progress);
      // Both are on the disk already: only a power cut between these two lines can part them, and
      // what is then found does not match and is refused.
      PrivateFiles.replace(newKey, keyFile());
      PrivateFiles.replace(newCertificate, certificateFile());
    } catch (CertificateEncodingException broken) {
      throw new CaException("this Java cannot write certificates: " + broken, broken);
    } finally {
      Files.deleteIfExists(newKey);
      Files.deleteIfExists(newCertificate);
    }
    progress.accept(
        "created "
            + certificateFile()
            + ", valid until "
            + certificate.getNotAfter().toInstant()
            + ", SHA-256 "
            + CaExport.sha256(certificate)
            + "; install it on the devices");
  }

  /** Copies an old file aside, so that there is no moment without one. */
  private void keep(Path file, String stamp, Consumer<String> progress) throws IOException {
    if (Files.exists(file)) {
      Path kept = dated(file, stamp);
      PrivateFiles.write(kept, Files.readAllBytes(file));
      progress.accept("kept the old " + file.getFileName() + " as " + kept);
    }
  }

  private String freeStamp() {
    String stamp = DATED.format(clock.instant());
    String free = stamp;
    for (int n = 2; taken(free); n++) {
      free = stamp + "-" + n;
    }
    return free;
  }

  private boolean taken(String stamp) {
    return Files.exists(dated(keyFile(), stamp)) || Files.exists(dated(certificateFile(), stamp));
  }

  /** Such as {@code ca.key.20261124-093000.pem}. */
  private static Path dated(Path file, String stamp) {
    String name = file.getFileName().toString();
    int extension = name.lastIndexOf('.');
    return file.resolveSibling(
        name.substring(0, extension) + "." + stamp + name.substring(extension));
  }

  private IssuingCa read() throws IOException, CaException {
    for (Path each : new Path[] {keyFile(), certificateFile()}) {
      if (!Files.exists(each)) {
        throw new CaException(
            each
                + " is missing, but the other file of the pair is there; restore it from a backup,"
                + " or "
                + provenance.remedy());
      }
    }
    PrivateFiles.require(keyFile(), true, "600");
    try {
      return CaChecks.check(
          PemFile.read(keyFile()).key(null),
          PemFile.read(certificateFile()).certificates(),
          certificateFile().toString(),
          keyFile().toString(),
          provenance,
          clock.instant());
    } catch (KeyFileException unusable) {
      throw CaException.of(unusable);
    }
  }

  private void requirePrivate() throws IOException, CaException {
    PrivateFiles.require(directory, true, "700");
  }
}
