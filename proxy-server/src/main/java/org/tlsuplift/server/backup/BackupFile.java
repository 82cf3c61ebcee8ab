package org.tlsuplift.server.backup;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.process.OwnerOnlyFile;

/** Writes and reads the file of a backup: an OpenPGP message with a ZIP file. */
public final class BackupFile {
  /** The limit for the directory of the ZIP file, which has about 200 bytes for each entry. */
  private static final long MAX_REST = 256L << 20;

  private BackupFile() {}

  /** Receives the entries of a backup. */
  interface Receiver {
    /** Accepts everything. */
    Receiver NOTHING = (entry, modified, content) -> {};

    /**
     * Reads an entry, or a part of it. Its digest is compared afterwards.
     *
     * @param content at most {@code entry.size()} bytes; do not close it
     */
    void accept(Manifest.Entry entry, Instant modified, InputStream content)
        throws IOException, OperatorException;
  }

  /**
   * Writes a backup with mode 0600. The file has its name only after it is complete and on the
   * disk.
   *
   * @param signer null to leave the backup unsigned
   * @throws OperatorException if the file exists or cannot be written
   */
  public static Manifest write(
      Path file, BackupContents contents, Encryption encryption, @Nullable BackupSigner signer)
      throws OperatorException {
    try {
      if (Files.exists(file)) {
        throw new FileAlreadyExistsException(file.toString());
      }
      Manifest manifest = contents.manifest(signer == null ? "" : signer.fingerprint());
      OwnerOnlyFile.create(
          file,
          unbuffered -> {
            OutputStream out = new BufferedOutputStream(unbuffered, 1 << 16);
            try (ZipOutputStream zip = new ZipOutputStream(encryption.open(out))) {
              write(zip, manifest, contents, signer);
            }
            out.flush();
          });
      return manifest;
    } catch (FileAlreadyExistsException exists) {
      throw new OperatorException(
          exists.getFile() + " exists; a backup never overwrites a file; choose another name");
    } catch (IOException failed) {
      throw new OperatorException(file + ": the backup cannot be written (" + failed + ")", failed);
    }
  }

  private static void write(
      ZipOutputStream zip,
      Manifest manifest,
      BackupContents contents,
      @Nullable BackupSigner signer)
      throws IOException {
    write(zip, Manifest.NAME, manifest.encode());
    if (signer != null) {
      write(zip, Manifest.SIGNER, signer.publicKey());
      write(zip, Manifest.SIGNATURE, signer.sign(manifest.encode()));
    }
    for (BackupContents.Item item : contents.items()) {
      zip.putNextEntry(entry(item.name(), item.modified()));
      try (InputStream in = item.source().open()) {
        in.transferTo(zip);
      }
    }
  }

  private static void write(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(entry(name, Instant.now()));
    zip.write(content);
  }

  private static ZipEntry entry(String name, Instant modified) {
    ZipEntry entry = new ZipEntry(name);
    entry.setLastModifiedTime(FileTime.from(modified));
    return entry;
  }

  /**
   * Reads a whole backup, and checks it against its manifest, the signature of the manifest if it
   * has one, and its integrity check.
   *
   * <p>The receiver gets entries before the end is checked, so it must be able to discard them.
   *
   * @throws OperatorException if the file is not an intact backup, or cannot be decrypted
   */
  static Manifest read(Path file, Decryption decryption, Receiver receiver)
      throws OperatorException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      Decryption.Opened opened = decryption.open(in);
      Manifest manifest = entries(opened.content(), receiver);
      if (!opened.verify()) {
        throw damaged(null);
      }
      return manifest;
    } catch (IOException | RuntimeException broken) {
      if (!Files.isReadable(file)) {
        throw new OperatorException(file + " cannot be read; check its name and its owner", broken);
      }
      throw damaged(broken);
    }
  }

  private static Manifest entries(InputStream content, Receiver receiver)
      throws IOException, OperatorException {
    ZipInputStream zip = new ZipInputStream(content);
    ZipEntry first = zip.getNextEntry();
    if (first == null || !first.getName().equals(Manifest.NAME)) {
      throw Manifest.foreign();
    }
    byte[] head = zip.readNBytes(Manifest.MAX_BYTES + 1);
    if (head.length > Manifest.MAX_BYTES) {
      throw Manifest.foreign();
    }
    Manifest manifest = Manifest.parse(head);
    if (manifest.isSigned()
        && !BackupSigner.isSigned(
            head, manifest.signer(), small(zip, Manifest.SIGNER), small(zip, Manifest.SIGNATURE))) {
      throw new OperatorException(
          "the backup is damaged or forged: its signature is not that of its signer; nothing was"
              + " written; use another one");
    }
    for (Manifest.Entry expected : manifest.entries()) {
      ZipEntry next = zip.getNextEntry();
      if (next == null || !next.getName().equals(expected.name())) {
        throw new OperatorException(
            "the backup is damaged: entry '" + expected.name() + "' is missing");
      }
      FileTime modified = next.getLastModifiedTime();
      read(zip, expected, modified == null ? Instant.EPOCH : modified.toInstant(), receiver);
    }
    if (zip.getNextEntry() != null) {
      throw new OperatorException("the backup is damaged: it has more entries than its manifest");
    }
    // The directory of the ZIP file; the integrity check follows the last byte.
    if (new Bounded(content, MAX_REST).transferTo(OutputStream.nullOutputStream()) == MAX_REST) {
      throw damaged(null);
    }
    return manifest;
  }

  /** The next entry, which must have this name; of a larger one, only the start. */
  private static byte[] small(ZipInputStream zip, String name) throws IOException {
    ZipEntry next = zip.getNextEntry();
    return next == null || !next.getName().equals(name)
        ? new byte[0]
        : zip.readNBytes(Manifest.MAX_SIGNATURE);
  }

  private static void read(
      ZipInputStream zip, Manifest.Entry expected, Instant modified, Receiver receiver)
      throws IOException, OperatorException {
    DigestInputStream digested = new DigestInputStream(zip, Digests.sha256());
    Bounded bounded = new Bounded(digested, expected.size());
    try {
      receiver.accept(expected, modified, bounded);
    } catch (IOException failed) {
      throw new OperatorException("the restore failed: " + failed, failed);
    }
    bounded.transferTo(OutputStream.nullOutputStream());
    if (bounded.left > 0
        || digested.read() >= 0
        || !HexFormat.of()
            .formatHex(digested.getMessageDigest().digest())
            .equals(expected.sha256())) {
      throw new OperatorException(
          "the backup is damaged: entry '" + expected.name() + "' differs from its manifest");
    }
  }

  static List<Manifest.Entry> digest(List<BackupContents.Item> items)
      throws IOException, OperatorException {
    List<Manifest.Entry> entries = new ArrayList<>();
    for (BackupContents.Item item : items) {
      MessageDigest digest = Digests.sha256();
      long size;
      try (InputStream in = new DigestInputStream(item.source().open(), digest)) {
        size = in.transferTo(OutputStream.nullOutputStream());
      }
      entries.add(
          Manifest.sized(
              new Manifest.Entry(item.name(), size, HexFormat.of().formatHex(digest.digest()))));
    }
    return entries;
  }

  private static OperatorException damaged(@Nullable Exception cause) {
    String message = "the backup is damaged or cut off; use another one";
    return new OperatorException(message, cause);
  }

  /**
   * Returns at most the expected bytes. If they cannot be read, it fails with an {@link
   * UncheckedIOException}: an {@link IOException} of a receiver is then its own.
   */
  private static final class Bounded extends FilterInputStream {
    private long left;

    Bounded(InputStream in, long size) {
      super(in);
      left = size;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      try {
        int read = in.read(bytes, from, (int) Math.min(length, left));
        left -= Math.max(read, 0);
        return read;
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }

    @Override
    public void close() {}
  }
}
