package org.tlsuplift.server.init;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.config.secret.IdentityContent;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.process.DataDirectory;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.LockFile;
import org.tlsuplift.server.process.OwnerOnlyFile;
import org.tlsuplift.server.process.PemFile;

/**
 * The certificate with which the application signs in to the identity platform, and its key. Both
 * are in the data directory, which a backup contains. The key has mode 0600 and is sent nowhere.
 *
 * @param certificate in PEM
 * @param key in PEM
 */
public record ApplicationCertificate(Path certificate, Path key) {
  /**
   * Our own choice: Microsoft limits certificates that programs add only by a policy of the tenant,
   * which is not set by default (practical365.com/app-management-policy-control-app-secrets and
   * appgovscore.com, read on 2026-12-02). Such a policy may allow less.
   */
  private static final Duration VALID = Duration.ofDays(365);

  /** The clocks of Microsoft and of this machine may differ. */
  private static final Duration SKEW = Duration.ofHours(1);

  private static final int SERIAL_BITS = 127;
  private static final String CERTIFICATE = ".application.crt.pem";

  /**
   * The files of a tenant, which need not exist.
   *
   * @param tenant the tenant's ID or domain
   */
  public static ApplicationCertificate of(Path dataDirectory, String tenant) {
    Path directory = dataDirectory.resolve("sign-in");
    return new ApplicationCertificate(
        directory.resolve(tenant + CERTIFICATE),
        directory.resolve(tenant + KeyFiles.APPLICATION_KEY));
  }

  /**
   * The mailboxes of the latest table for the tenant, one in each line; the file need not exist.
   */
  Path mailboxes() {
    String name = certificate.getFileName().toString();
    return certificate.resolveSibling(name.replace(CERTIFICATE, ".mailboxes"));
  }

  /** The lines of {@link #mailboxes}; empty for none. */
  List<String> keptMailboxes() throws OperatorException {
    try {
      return Files.readAllLines(mailboxes()).stream().map(TenantForm::mailbox).toList();
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (IllegalArgumentException wrong) {
      throw new OperatorException(mailboxes() + ": " + wrong.getMessage(), wrong);
    } catch (IOException failed) {
      throw new OperatorException(
          mailboxes()
              + " cannot be read ("
              + failed
              + "); run this command as the daemon's user, or name the mailboxes with --mailboxes",
          failed);
    }
  }

  /** Whether both files exist. */
  public boolean exists() {
    return Files.isRegularFile(certificate) && Files.isRegularFile(key);
  }

  /** Whether these are the files of the configuration, and no links to files of the operator. */
  public boolean isIn(@Nullable KeyFiles configured) {
    return configured != null
        && configured.passwordFile() == null
        && isSame(certificate, configured.certificate())
        && isSame(key, configured.key());
  }

  private static boolean isSame(Path own, @Nullable Path configured) {
    return configured != null
        && !Files.isSymbolicLink(own)
        && own.toAbsolutePath().normalize().equals(configured.toAbsolutePath().normalize());
  }

  /** The next certificate and its key, until the identity platform knows it. */
  public ApplicationCertificate staged() {
    return beside(".next");
  }

  /** The certificate and its key before these, until they expire. */
  public ApplicationCertificate previous() {
    return beside(KeyFiles.OLD);
  }

  private ApplicationCertificate beside(String extension) {
    return new ApplicationCertificate(
        certificate.resolveSibling(certificate.getFileName() + extension),
        key.resolveSibling(key.getFileName() + extension));
  }

  /** The pair whose certificate the scripts have: the staged one, if it can be used. */
  ApplicationCertificate scripted(Clock clock) throws OperatorException {
    return staged().usable(clock).isPresent() ? staged() : this;
  }

  /** The certificates of all pairs: the application may have each of them. */
  List<X509Certificate> known() throws OperatorException {
    List<X509Certificate> known = new ArrayList<>();
    for (ApplicationCertificate each : List.of(this, staged(), previous())) {
      if (each.matches()) {
        known.add(each.read().certificate());
      }
    }
    return known;
  }

  /** The files as keys of the configuration. */
  public KeyFiles files() {
    return new KeyFiles(certificate, key, null, null);
  }

  /** Reads the pair, without checking its dates. */
  public OriginIdentity read() throws OperatorException {
    return IdentityContent.read(files()).identity();
  }

  /** Reads the pair that signs in: the previous one, if only that can be used. */
  public OriginIdentity serving() throws OperatorException {
    return IdentityContent.usable(files()).identity();
  }

  /** How long a certificate is valid in all. */
  public static Duration life(X509Certificate of) {
    return Duration.between(of.getNotBefore().toInstant(), of.getNotAfter().toInstant());
  }

  /**
   * Reads the next pair, and makes it if there is none that can be used. It is valid for as long as
   * this one, because a policy of the tenant may allow no longer time.
   */
  public OriginIdentity stage(Clock clock) throws OperatorException {
    return locked(
        () -> {
          if (staged().usable(clock).isEmpty()) {
            staged().erase();
            Duration life =
                known().stream().map(ApplicationCertificate::life).findFirst().orElse(VALID);
            var unused = staged().make(clock, life.compareTo(VALID) < 0 ? life : VALID);
          }
          return staged().read();
        });
  }

  /**
   * Replaces these files by the staged ones and keeps the old pair as {@link #previous}. If the
   * program ends at any step, the files have a valid pair: for a moment, the certificate file has
   * both certificates, and a reader takes that of the key. If another process was first, there is
   * nothing left to do.
   *
   * @param proven the staged certificate that brought a token; another one stays staged
   * @throws OperatorException if the files cannot be written, or do not belong together
   */
  public void activate(X509Certificate proven) throws OperatorException {
    var unusedResult =
        locked(
            () -> {
              if (staged().exists() && staged().read().certificate().equals(proven)) {
                keep();
                replace();
              }
              return repaired();
            });
  }

  /** Erases the previous pair, if it still has this certificate or cannot be used. */
  public void erasePrevious(X509Certificate old) throws OperatorException {
    var unused =
        locked(
            () -> {
              if (!previous().matches() || previous().read().certificate().equals(old)) {
                previous().erase();
              }
              return old;
            });
  }

  /** Completes an {@link #activate} that was interrupted after the new key was in use. */
  public void repair() throws OperatorException {
    var unused = locked(this::repaired);
  }

  private void keep() throws IOException {
    if (!matches()) {
      return;
    }
    previous().erase();
    OwnerOnlyFile.replace(previous().certificate(), OwnerOnlyFile.read(certificate));
    OwnerOnlyFile.replace(previous().key(), OwnerOnlyFile.read(key));
    own(previous());
  }

  private void replace() throws IOException {
    if (matches()) {
      byte[] next = OwnerOnlyFile.read(staged().certificate());
      OwnerOnlyFile.replace(certificate, Arrays.concatenate(next, OwnerOnlyFile.read(certificate)));
      own(this);
    }
    OwnerOnlyFile.moveAndErase(staged().key(), key);
    force();
  }

  private boolean repaired() throws IOException {
    ApplicationCertificate moved = new ApplicationCertificate(staged().certificate(), key);
    boolean needed = moved.exists() && !Files.exists(staged().key()) && moved.matches();
    if (needed) {
      OwnerOnlyFile.move(moved.certificate(), certificate);
      force();
    }
    return needed;
  }

  /** Whether the files can be read and belong together. */
  public boolean matches() {
    try {
      return read().certificate() != null;
    } catch (OperatorException other) {
      return false;
    }
  }

  /**
   * Adds a line about this certificate to its file, where readers of PEM skip it, so that both stay
   * together.
   */
  public void note(String what, String value) throws OperatorException {
    String line = word(what) + value + "\n";
    var unused =
        locked(
            () -> {
              byte[] text = OwnerOnlyFile.read(certificate);
              OwnerOnlyFile.replace(
                  certificate, Arrays.concatenate(text, line.getBytes(StandardCharsets.US_ASCII)));
              own(this);
              return line;
            });
  }

  /** The values of {@link #note} for this certificate, the oldest first. */
  public List<String> notes(String what) throws OperatorException, IOException {
    String word = word(what);
    return Files.readAllLines(certificate, StandardCharsets.ISO_8859_1).stream()
        .filter(line -> line.startsWith(word))
        .map(line -> line.substring(word.length()))
        .toList();
  }

  private String word(String what) throws OperatorException {
    return "# " + Fingerprint.sha256(read().certificate()) + " " + what + " ";
  }

  /** Overwrites the key and deletes both files. */
  public void erase() throws IOException {
    OwnerOnlyFile.erase(key);
    Files.deleteIfExists(certificate);
  }

  /**
   * Reads the certificate, and makes it with its key if it does not exist or cannot be used now. A
   * pair that seems to have expired stays as the previous one: the clock may be wrong.
   *
   * @throws OperatorException if the files cannot be read or written
   */
  public X509Certificate prepare(Clock clock) throws OperatorException {
    Optional<X509Certificate> known = usable(clock);
    return known.isPresent()
        ? known.get()
        : locked(
            () -> {
              Optional<X509Certificate> other = usable(clock);
              if (other.isPresent()) {
                return other.get();
              }
              if (matches() && previous().usable(clock).isPresent()) {
                // The pair in use was made when the clock was wrong.
                OwnerOnlyFile.replace(key, OwnerOnlyFile.read(previous().key()));
                OwnerOnlyFile.replace(certificate, OwnerOnlyFile.read(previous().certificate()));
                own(this);
                previous().erase();
                return read().certificate();
              }
              keep();
              return make(clock, VALID);
            });
  }

  private Optional<X509Certificate> usable(Clock clock) throws OperatorException {
    if (!matches()) {
      return Optional.empty();
    }
    X509Certificate own = read().certificate();
    Instant now = clock.instant();
    return now.isBefore(own.getNotAfter().toInstant())
            && !now.isBefore(own.getNotBefore().toInstant())
        ? Optional.of(own)
        : Optional.empty();
  }

  private X509Certificate make(Clock clock, Duration life) throws IOException {
    try {
      KeyPair pair = KeyAlgorithm.RSA_2048.generate();
      X509Certificate made = selfSigned(pair, clock.instant(), life);
      OwnerOnlyFile.replace(key, PemFile.block("PRIVATE KEY", pair.getPrivate().getEncoded()));
      OwnerOnlyFile.replace(certificate, PemFile.block("CERTIFICATE", made.getEncoded()));
      own(this);
      return made;
    } catch (GeneralSecurityException | OperatorCreationException failed) {
      throw new IOException(failed);
    }
  }

  /** The daemon must be able to read what root has written. */
  private void own(ApplicationCertificate written) throws IOException {
    FileModes.giveTo(data(), written.certificate());
    FileModes.giveTo(data(), written.key());
    force();
  }

  private Path directory() {
    return key.resolveSibling("");
  }

  private Path data() {
    return directory().resolveSibling("");
  }

  private void force() throws IOException {
    OwnerOnlyFile.force(directory());
  }

  /** One lock for the files of all tenants: each has it for a moment. */
  private <T> T locked(LockFile.Work<T, RuntimeException> work) throws OperatorException {
    try {
      DataDirectory.prepare(data());
      FileModes.directory(directory(), FileModes.Readers.OWNER);
      FileModes.giveTo(data(), directory());
      Path lock = directory().resolve(LockFile.APPLICATION);
      return new LockFile(lock)
          .exclusively(
              () -> {
                FileModes.giveTo(data(), lock);
                return work.run();
              });
    } catch (IOException failed) {
      throw new OperatorException(
          "%s cannot be written (%s); run this command as the daemon's user, or set another --data"
              .formatted(key, failed),
          failed);
    }
  }

  private static X509Certificate selfSigned(KeyPair pair, Instant now, Duration life)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    X500Principal name = new X500Principal("CN=TLS Uplift");
    Instant start = now.minus(SKEW).truncatedTo(ChronoUnit.SECONDS);
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            name,
            new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE),
            Date.from(start),
            Date.from(start.plus(life)),
            name,
            pair.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate())));
  }
}
