package org.tlsuplift.server.init;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.process.DataDirectory;
import org.tlsuplift.server.process.FileModes;
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

  /**
   * The files of a tenant, which need not exist.
   *
   * @param tenant the tenant's ID or domain
   */
  public static ApplicationCertificate of(Path dataDirectory, String tenant) {
    Path directory = dataDirectory.resolve("sign-in");
    return new ApplicationCertificate(
        directory.resolve(tenant + ".application.crt.pem"),
        directory.resolve(tenant + ".application.key.pem"));
  }

  /** Whether both files exist. */
  public boolean exists() {
    return Files.isRegularFile(certificate) && Files.isRegularFile(key);
  }

  /** The next certificate and its key, until the identity platform knows it. */
  public ApplicationCertificate staged() {
    return new ApplicationCertificate(staged(certificate), staged(key));
  }

  private static Path staged(Path file) {
    return file.resolveSibling(file.getFileName() + ".next");
  }

  /**
   * Replaces these files by the staged ones. The daemon reads both for each token, and refuses a
   * pair that does not match for a moment.
   */
  public void activate() throws IOException {
    OwnerOnlyFile.moveAndErase(staged().key(), key);
    OwnerOnlyFile.move(staged().certificate(), certificate);
  }

  /** Deletes both files, which nobody has used yet. */
  void discard() throws IOException {
    OwnerOnlyFile.erase(key);
    Files.deleteIfExists(certificate);
  }

  /**
   * Reads the certificate, and makes it with its key if it does not exist or has expired.
   *
   * @throws OperatorException if the files cannot be read or written
   */
  X509Certificate prepare(Clock clock) throws OperatorException {
    if (exists()) {
      X509Certificate known = PemFile.read(certificate).certificates().get(0);
      if (known.getNotAfter().toInstant().isAfter(clock.instant())) {
        return known;
      }
    }
    try {
      Path directory = key.resolveSibling("");
      Path data = directory.resolveSibling("");
      DataDirectory.prepare(data);
      FileModes.directory(directory, FileModes.Readers.OWNER);
      KeyPair pair = KeyAlgorithm.RSA_2048.generate();
      X509Certificate made = selfSigned(pair, clock.instant());
      OwnerOnlyFile.replace(key, PemFile.block("PRIVATE KEY", pair.getPrivate().getEncoded()));
      OwnerOnlyFile.replace(certificate, PemFile.block("CERTIFICATE", made.getEncoded()));
      // The daemon must be able to read what root has created.
      for (Path each : List.of(directory, key, certificate)) {
        FileModes.giveTo(data, each);
      }
      return made;
    } catch (IOException | GeneralSecurityException | OperatorCreationException failed) {
      throw new OperatorException(
          "%s cannot be written (%s); run this command as the daemon's user, or set another --data"
              .formatted(key, failed),
          failed);
    }
  }

  private static X509Certificate selfSigned(KeyPair pair, Instant now)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    X500Principal name = new X500Principal("CN=TLS Uplift");
    Instant start = now.minus(SKEW).truncatedTo(ChronoUnit.SECONDS);
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            name,
            new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE),
            Date.from(start),
            Date.from(start.plus(VALID)),
            name,
            pair.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate())));
  }
}
