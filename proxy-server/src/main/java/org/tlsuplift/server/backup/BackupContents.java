package org.tlsuplift.server.backup;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.authority.CaStore;
import org.tlsuplift.server.config.DatabaseConfig;
import org.tlsuplift.server.config.NamedFiles;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.database.DatabaseCopy;
import org.tlsuplift.server.process.LockFile;
import org.tlsuplift.server.process.OwnerOnlyFile;
import org.tlsuplift.server.process.PrivateDirectory;

/**
 * What a backup contains. Reads the data directory of a daemon that may run.
 *
 * <p>Small files are kept in memory. The inventory is copied by SQLite to a {@link
 * PrivateDirectory}, which {@link #close} deletes.
 */
public final class BackupContents implements AutoCloseable {
  private static final int MAX_FILE = 16 << 20;

  private final ServerConfig config;
  private final String program;
  private final Path dataDirectory;
  private final List<Item> items = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private String configuration = "";
  private @Nullable PrivateDirectory copies;

  private BackupContents(ServerConfig config, String program) {
    this.config = config;
    this.program = program;
    this.dataDirectory = config.dataDirectory().toAbsolutePath().normalize();
  }

  /** Opens the content of a file. */
  interface Source {
    InputStream open() throws IOException;
  }

  /** A file with its name in the backup. */
  record Item(String name, Instant modified, Source source) {}

  /**
   * Collects everything.
   *
   * @param configuration the file of this configuration; null for the built-in default
   * @param program the name and version of this program
   * @param credentials the directory of systemd's credentials, whose files have their origin
   *     elsewhere; or null
   */
  public static BackupContents collect(
      ServerConfig config, @Nullable Path configuration, String program, @Nullable Path credentials)
      throws OperatorException {
    BackupContents contents = new BackupContents(config, program);
    boolean complete = false;
    try {
      contents.addAuthorities();
      contents.addSignIn();
      contents.addDirectory(EntryName.ENDPOINTS);
      contents.addDirectory(EntryName.BACKUP);
      contents.addFiles(configuration, credentials);
      // Before the inventory, to which the daemon moves its records.
      contents.addJournal();
      contents.addInventory();
      complete = true;
      return contents;
    } catch (IOException | SQLException failed) {
      throw new OperatorException(
          "the backup cannot read everything: "
              + failed
              + "; run it as the daemon's user or as root",
          failed);
    } finally {
      if (!complete) {
        contents.close();
      }
    }
  }

  List<Item> items() {
    return List.copyOf(items);
  }

  /** What the backup does not contain, for the operator. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /**
   * @param signer empty if the backup is not signed
   */
  Manifest manifest(String signer) throws IOException, OperatorException {
    return new Manifest(
        Instant.now().toString(),
        program,
        dataDirectory.toString(),
        configuration,
        signer,
        BackupFile.digest(items));
  }

  private void addAuthorities() throws OperatorException, IOException {
    Path ca = dataDirectory.resolve(EntryName.CA);
    if (Files.isDirectory(ca)) {
      add(new CaStore(ca));
    }
    Path listeners = dataDirectory.resolve(EntryName.LISTENERS);
    if (Files.isDirectory(listeners)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(listeners, Files::isDirectory)) {
        for (Path each : all) {
          add(CaStore.ofListener(each, each.getFileName().toString()));
        }
      }
    }
  }

  private void add(CaStore store) throws OperatorException {
    store.visit((directory, file) -> addData(directory.resolve(file)));
  }

  /** The files of a certificate belong together. */
  private void addSignIn() throws IOException, OperatorException {
    Path lock = dataDirectory.resolve(EntryName.SIGN_IN).resolve(LockFile.APPLICATION);
    var unused =
        new LockFile(lock)
            .shared(
                () -> {
                  addDirectory(EntryName.SIGN_IN);
                  return lock;
                });
  }

  /** The daemon replaces these files one by one, so each of them is complete. */
  private void addDirectory(String name) throws IOException {
    Path directory = dataDirectory.resolve(name);
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path file : all) {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
            && !file.getFileName().toString().matches(".*\\.(new|lock)")) {
          try {
            addData(file);
          } catch (NoSuchFileException gone) {
            // The daemon has deleted or renamed it since.
          }
        }
      }
    }
  }

  private void addJournal() throws IOException {
    Path journal = dataDirectory.resolve(AuditJournal.FILE);
    if (Files.exists(journal)) {
      addData(journal);
    }
  }

  private void addData(Path file) throws IOException {
    StringBuilder name = new StringBuilder("data");
    dataDirectory.relativize(file).forEach(part -> name.append('/').append(part));
    add(name.toString(), file);
  }

  private void add(String name, Path file) throws IOException {
    byte[] content = OwnerOnlyFile.read(file, MAX_FILE);
    Instant modified = Files.getLastModifiedTime(file).toInstant();
    items.add(new Item(name, modified, () -> new ByteArrayInputStream(content)));
  }

  private void addFiles(@Nullable Path configurationFile, @Nullable Path credentials)
      throws IOException, OperatorException {
    Set<Path> files = new LinkedHashSet<>();
    if (configurationFile != null) {
      files.add(configurationFile.toAbsolutePath().normalize());
      configuration = EntryName.ofFile(configurationFile);
    } else {
      notes.add("the configuration is the built-in default; the backup has no file for it");
    }
    NamedFiles.allOf(config).forEach(file -> files.add(file.toAbsolutePath().normalize()));
    for (Path file : files) {
      if (credentials != null && file.startsWith(credentials)) {
        notes.add(file + " comes from systemd (LoadCredential); save the file that the unit names");
      } else if (Files.notExists(file)) {
        notes.add(file + " does not exist, so the backup does not have it");
      } else {
        add(EntryName.ofFile(file), file);
      }
    }
  }

  private void addInventory() throws IOException, SQLException, OperatorException {
    DatabaseConfig shared = config.database();
    if (shared != null && shared.keyFile() != null) {
      notes.add(
          "the sign-ins of users are in PostgreSQL ("
              + shared.shownUrl()
              + "), and not in this backup; save them with pg_dump; the key that decrypts them is"
              + " in this backup");
    }
    if (!config.inventory().enabled()) {
      return;
    }
    if (shared != null) {
      notes.add(
          "the inventory is in PostgreSQL ("
              + shared.shownUrl()
              + "), and not in this backup; save it with pg_dump");
      return;
    }
    Path database = dataDirectory.resolve(EntryName.INVENTORY);
    if (Files.notExists(database)) {
      return;
    }
    copies = PrivateDirectory.create(dataDirectory, "backup-");
    Path copy = copies.path().resolve(EntryName.INVENTORY);
    DatabaseCopy.write(database, copy);
    items.add(
        new Item(
            EntryName.DATA + EntryName.INVENTORY, Instant.now(), () -> Files.newInputStream(copy)));
  }

  /** Deletes the copy of the inventory. */
  @Override
  public void close() throws OperatorException {
    if (copies != null) {
      try {
        copies.close();
      } catch (IOException failed) {
        throw new OperatorException(
            copies.path() + " cannot be deleted; delete it by hand", failed);
      }
    }
  }
}
