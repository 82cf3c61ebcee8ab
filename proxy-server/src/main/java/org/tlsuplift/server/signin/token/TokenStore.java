package org.tlsuplift.server.signin.token;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.OwnerOnlyFile;
import org.tlsuplift.server.seal.SealKey;

/**
 * Tokens on the disk, encrypted with AES-256-GCM; the key is beside them, so a copy of the token
 * files alone is useless. All files have mode 0600 and are replaced atomically.
 *
 * <p>Unreadable files are set aside and reported, write failures are reported: tokens are then
 * requested again. Thread-safe; blocks on the disk.
 */
public final class TokenStore implements UserTokens {
  private static final Logger log = LoggerFactory.getLogger(TokenStore.class);
  private static final String KEY_FILE = "tokens.key";
  private static final int MAX_SIZE = 1 << 20;

  private final Path directory;
  private final String tenant;
  private final String owner;

  /**
   * A store in a directory, which the first write creates.
   *
   * @param tenant the tenant's name, for messages
   * @param owner of the tokens: those of another owner cannot be read
   */
  public TokenStore(Path directory, String tenant, String owner) {
    this.directory = directory;
    this.tenant = tenant;
    this.owner = owner;
  }

  /** The content of a name; empty if there is none or it cannot be read. */
  public synchronized Optional<String> read(String name) {
    Path file = file(name);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      if (Files.size(file) > MAX_SIZE) {
        return setAside(file, "the file is larger than 1 MiB");
      }
      return Optional.of(key().open(owner, name, Files.readAllBytes(file)));
    } catch (AEADBadTagException foreign) {
      return setAside(
          file, "the file is damaged, or belongs to another key, tenant or application");
    } catch (IOException | GeneralSecurityException failed) {
      log.warn(
          "{}, with tokens of tenant {}, cannot be read ({}); check the disk and the file's owner",
          file,
          tenant,
          failed.toString());
      return Optional.empty();
    }
  }

  @Override
  public synchronized void replace(String name, String content) {
    try {
      FileModes.directory(directory, FileModes.Readers.OWNER);
      OwnerOnlyFile.replace(file(name), key().seal(owner, name, content));
    } catch (IOException | GeneralSecurityException failed) {
      log.warn(
          "{}, with tokens of tenant {}, cannot be written ({}); check the disk and the file's owner; tokens will be requested again after a restart",
          file(name),
          tenant,
          failed.toString());
    }
  }

  @Override
  public String stamp(String name) {
    try {
      BasicFileAttributes now = Files.readAttributes(file(name), BasicFileAttributes.class);
      return now.lastModifiedTime() + " " + now.size() + " " + now.fileKey();
    } catch (IOException gone) {
      return "";
    }
  }

  @Override
  public boolean isSignedIn(String mailbox) {
    return Files.exists(file(mailbox));
  }

  @Override
  public void check() {}

  @Override
  public Optional<Taken> take(String mailbox) {
    return Optional.of(new TakenFile(mailbox));
  }

  /** Other processes may write the file meanwhile: the last one wins. */
  private final class TakenFile implements Taken {
    private final String mailbox;

    TakenFile(String mailbox) {
      this.mailbox = mailbox;
    }

    @Override
    public Optional<String> cache() {
      return read(mailbox);
    }

    @Override
    public String version() {
      return stamp(mailbox);
    }

    @Override
    public void write(String cache, @Nullable AccessToken token) {
      replace(mailbox, cache);
    }
  }

  /** Deletes the content of a name, if there is any. */
  public synchronized void delete(String name) {
    try {
      Files.deleteIfExists(file(name));
    } catch (IOException failed) {
      log.warn(
          "{}, with tokens of tenant {}, cannot be deleted ({}); delete it by hand",
          file(name),
          tenant,
          failed.toString());
    }
  }

  private Optional<String> setAside(Path file, String why) {
    Path aside = file.resolveSibling(file.getFileName() + ".unreadable");
    try {
      Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
      log.warn(
          "{}, with tokens of tenant {}, cannot be used: {}; it was renamed to {}, and tokens will be requested again (with 'flow: device-code' a user must sign in again: tls-uplift accounts sign-in)",
          file,
          tenant,
          why,
          aside.getFileName());
    } catch (IOException failed) {
      log.warn(
          "{}, with tokens of tenant {}, cannot be used: {}; renaming it failed too ({})",
          file,
          tenant,
          why,
          failed.toString());
    }
    return Optional.empty();
  }

  /** Names are mail addresses: their digest is valid in any file system and reveals nothing. */
  private Path file(String name) {
    byte[] digest = Digests.sha256().digest((owner + '\0' + name).getBytes(StandardCharsets.UTF_8));
    return directory.resolve(HexFormat.of().formatHex(digest, 0, 16) + ".tokens");
  }

  /** The key of this directory, created on first use; a damaged one is replaced. */
  private SealKey key() throws IOException {
    Path file = directory.resolve(KEY_FILE);
    if (Files.exists(file)) {
      Optional<SealKey> key = SealKey.readCreated(file);
      if (key.isPresent()) {
        return key.get();
      }
      var unused = setAside(file, "the key is damaged");
    }
    FileModes.directory(directory, FileModes.Readers.OWNER);
    // Another tenant or process may create it at the same time.
    SealKey.create(file);
    return SealKey.readCreated(file)
        .orElseThrow(() -> new IOException(file + " does not hold a key"));
  }
}
