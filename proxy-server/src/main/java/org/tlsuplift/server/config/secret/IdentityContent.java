package org.tlsuplift.server.config.secret;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.proxy.tls.chain.CertificatePath;
import org.tlsuplift.server.process.KeyFileContent;
import org.tlsuplift.server.process.PemFile;
import org.tlsuplift.server.process.Pkcs12File;

/**
 * The content of the files of a client certificate.
 *
 * <p>The files are read once and parsed later. If one is being replaced, the result is the old or
 * the new identity, or an error because the files do not match. An unreadable file is a content
 * too.
 */
public final class IdentityContent {
  private final KeyFiles files;
  private final List<byte[]> contents;
  private final @Nullable OperatorException unreadable;

  private IdentityContent(
      KeyFiles files, List<byte[]> contents, @Nullable OperatorException unreadable) {
    this.files = files;
    this.contents = contents;
    this.unreadable = unreadable;
  }

  /** Reads the files now. Blocks on the disk. */
  public static IdentityContent read(KeyFiles files) {
    List<byte[]> contents = new ArrayList<>();
    try {
      for (Path file : paths(files)) {
        contents.add(KeyFileContent.of(file));
      }
      return new IdentityContent(files, contents, null);
    } catch (OperatorException failed) {
      return new IdentityContent(files, contents, failed);
    }
  }

  /**
   * Reads the files, or {@link KeyFiles#previous} if only that pair can be used now. Blocks on the
   * disk.
   */
  public static IdentityContent usable(KeyFiles files) {
    IdentityContent read = read(files);
    return read.end().isPresent()
        ? read
        : files
            .previous()
            .map(IdentityContent::read)
            .filter(each -> each.end().filter(Instant.now()::isBefore).isPresent())
            .orElse(read);
  }

  private Optional<Instant> end() {
    try {
      return Optional.of(identity().expiresAt());
    } catch (OperatorException unusable) {
      return Optional.empty();
    }
  }

  public KeyFiles files() {
    return files;
  }

  public boolean isSameAs(IdentityContent other) {
    return contents.size() == other.contents.size()
        && Objects.equals(failure(), other.failure())
        && Arrays.deepEquals(contents.toArray(), other.contents.toArray());
  }

  private @Nullable String failure() {
    return unreadable == null ? null : unreadable.getMessage();
  }

  /**
   * Parses the content.
   *
   * @throws OperatorException with the cause and remedy, in one line
   */
  public OriginIdentity identity() throws OperatorException {
    return parsed().identity();
  }

  /**
   * Whether the content has no certificate of the issuer. A client that gets only this certificate
   * must know the issuer itself.
   */
  public boolean lacksIssuer() throws OperatorException {
    List<X509Certificate> path = parsed().path();
    return path.size() == 1 && !CertificatePath.isSelfIssued(path.get(0));
  }

  /**
   * A key and its certificates.
   *
   * @param path the certificate of the key, then its issuers, possibly with the root
   */
  private record Parsed(PrivateKey key, List<X509Certificate> path) {
    OriginIdentity identity() {
      return new OriginIdentity(key, sent(path));
    }
  }

  private Parsed parsed() throws OperatorException {
    if (unreadable != null) {
      throw unreadable;
    }
    Path pkcs12 = files.pkcs12();
    if (pkcs12 != null) {
      String password = password();
      Pkcs12File file = Pkcs12File.parse(pkcs12, content(pkcs12), password == null ? "" : password);
      return parsed(file.key(), "the key in " + pkcs12, file.certificates(), pkcs12);
    }
    Path certificate = Objects.requireNonNull(files.certificate(), "certificate");
    Path key = Objects.requireNonNull(files.key(), "key");
    return parsed(
        PemFile.parse(key, content(key)).key(password()),
        key.toString(),
        PemFile.parse(certificate, content(certificate)).certificates(),
        certificate);
  }

  private static Parsed parsed(
      PrivateKey key, String keyFrom, List<X509Certificate> certificates, Path from)
      throws OperatorException {
    List<X509Certificate> path =
        CertificatePath.of(key, certificates)
            .orElseThrow(
                () ->
                    new OperatorException(
                        "%s does not match %s: the key belongs to another certificate; set the matching pair"
                            .formatted(keyFrom, from)));
    if (!CertificatePath.isStrong(path.get(0).getPublicKey())) {
      throw new OperatorException(
          "%s has a key of type %s that is too weak or not supported; get a certificate with an RSA key of 2048 bits or more, or an EC key of 256 bits or more"
              .formatted(from, path.get(0).getPublicKey().getAlgorithm()));
    }
    Optional<X509Certificate> damaged = CertificatePath.damaged(path, certificates);
    if (damaged.isPresent()) {
      throw new OperatorException(
          "%s (%s) is damaged: the signature does not match; restore the file from a backup, or remove an issuer of the same name that did not sign it"
              .formatted(from, damaged.get().getSubjectX500Principal()));
    }
    return new Parsed(key, path);
  }

  /** The origin already has the root (RFC 8446 section 4.4.2). */
  private static List<X509Certificate> sent(List<X509Certificate> path) {
    List<X509Certificate> sent = new ArrayList<>(path.subList(0, 1));
    path.stream().skip(1).filter(each -> !CertificatePath.isSelfIssued(each)).forEach(sent::add);
    return sent;
  }

  private @Nullable String password() throws OperatorException {
    Path file = files.passwordFile();
    return file == null ? null : PasswordFile.parse(file, content(file));
  }

  private byte[] content(Path file) {
    return contents.get(paths(files).indexOf(file));
  }

  private static List<Path> paths(KeyFiles files) {
    List<Path> paths = new ArrayList<>();
    for (@Nullable Path each :
        Arrays.asList(files.certificate(), files.key(), files.pkcs12(), files.passwordFile())) {
      if (each != null && !paths.contains(each)) {
        paths.add(each);
      }
    }
    return paths;
  }
}
