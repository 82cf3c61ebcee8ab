package org.tlsuplift.server.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.process.PemFile;

/**
 * What an intact backup contains, as text for the operator.
 *
 * @param authorities the certificates of the CAs that sign, by the names of their entries
 */
public record CheckedBackup(Manifest manifest, Map<String, X509Certificate> authorities) {
  private static final String CERTIFICATE = "ca.crt.pem";
  private static final int MAX_CERTIFICATE = 1 << 20;

  /** Reads the certificates of the CAs that sign. */
  static final class Collector implements BackupFile.Receiver {
    private final Map<String, X509Certificate> authorities = new TreeMap<>();

    @Override
    public void accept(Manifest.Entry entry, Instant modified, InputStream content)
        throws IOException {
      if (!isSigning(entry.name())) {
        return;
      }
      byte[] pem = content.readNBytes(MAX_CERTIFICATE);
      try {
        authorities.put(
            entry.name(), PemFile.parse(Path.of(CERTIFICATE), pem).certificates().get(0));
      } catch (OperatorException corrupt) {
        // Do not check the CA itself: a backup may hold a damaged one.
      }
    }

    /** Whether an entry is the certificate of a signing CA; staged and previous ones are deeper. */
    private static boolean isSigning(String name) {
      return name.equals(EntryName.DATA + EntryName.CA + "/" + CERTIFICATE)
          || (name.startsWith(EntryName.DATA + EntryName.LISTENERS + "/")
              && name.endsWith("/" + CERTIFICATE)
              && name.split("/", -1).length == 4);
    }

    CheckedBackup checked(Manifest manifest) {
      return new CheckedBackup(manifest, authorities);
    }
  }

  /** A line for each fact. */
  public List<String> summary() {
    List<String> lines = new ArrayList<>();
    lines.add("created         %s by %s".formatted(manifest.created(), manifest.program()));
    lines.add("data directory  " + manifest.dataDirectory());
    if (manifest.isSigned()) {
      lines.add("signed by       " + manifest.signer());
    }
    authorities.forEach(
        (name, certificate) ->
            lines.add(
                "CA              %s, SHA-256 %s"
                    .formatted(folder(name), Fingerprint.sha256(certificate))));
    return lines;
  }

  private static String folder(String name) {
    return name.substring(EntryName.DATA.length(), name.length() - CERTIFICATE.length() - 1);
  }

  /**
   * Refuses a backup unless this key has signed it.
   *
   * @param signedBy the fingerprint; null if the operator gave none
   */
  void refuseOtherSigner(@Nullable String signedBy) throws OperatorException {
    if (!manifest.isSigned()) {
      throw new OperatorException(
          "nothing proves who made this backup: it is encrypted to a public key, and has no"
              + " signature; nothing was written; compare the fingerprints of its CAs with those on"
              + " devices, and its files with what you expect (--list), then use --unverified");
    }
    if (signedBy == null) {
      throw new OperatorException(
          "anyone can encrypt to a public key, so this backup needs a proof; nothing was written;"
              + " use --signed-by with the fingerprint that 'tls-uplift backup' printed");
    }
    if (!manifest.signer().equals(BackupSigner.normalise(signedBy))) {
      throw new OperatorException(
          "another key signed this backup: got %s; expected --signed-by %s; nothing was written; do not use this backup"
              .formatted(manifest.signer(), BackupSigner.normalise(signedBy)));
    }
  }

  /**
   * Refuses to replace another CA, unless it is older than that of the backup: devices may have it
   * already.
   */
  void refuseNewer(Path dataDirectory) throws OperatorException {
    for (Map.Entry<String, X509Certificate> each : authorities.entrySet()) {
      Path file = EntryName.below(dataDirectory, EntryName.DATA, each.getKey());
      if (!Files.isRegularFile(file)) {
        continue;
      }
      X509Certificate there;
      try {
        there = PemFile.read(file).certificates().get(0);
      } catch (OperatorException unusable) {
        // Not a CA that a device could trust.
        continue;
      }
      Instant made = there.getNotBefore().toInstant();
      if (!there.equals(each.getValue())
          && !made.isBefore(each.getValue().getNotBefore().toInstant())) {
        throw new OperatorException(
            "%s is another CA, and not older than that of the backup; nothing was written; to go back to the CA of the backup, use --replace-newer-ca; there: SHA-256 %s; in the backup: SHA-256 %s"
                .formatted(file, Fingerprint.sha256(there), Fingerprint.sha256(each.getValue())));
      }
    }
  }
}
