package org.tlsuplift.server.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.OwnerOnlyFile;

/** The configuration and the files that it names, which belong outside the data directory. */
final class RestoredFiles {
  private final String configuration;
  private List<String> names;
  private final @Nullable Path filesTo;

  RestoredFiles(Manifest manifest, @Nullable Path filesTo) {
    this.configuration = manifest.configuration();
    this.names =
        manifest.entries().stream()
            .map(Manifest.Entry::name)
            .filter(name -> name.startsWith(EntryName.FILES))
            .toList();
    this.filesTo = filesTo == null ? null : filesTo.toAbsolutePath().normalize();
  }

  void refuseExisting() throws OperatorException {
    if (filesTo == null) {
      return;
    }
    for (String name : names) {
      Path target = EntryName.below(filesTo, EntryName.FILES, name);
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        throw new OperatorException(
            target
                + " exists; nothing was written; choose another --files-to, or use --force to"
                + " replace it");
      }
    }
  }

  /**
   * Leaves only the configuration and the files that it names, and lists them before any of them is
   * written.
   */
  void select(Path unpacked, Consumer<String> progress) {
    if (filesTo == null) {
      return;
    }
    List<Path> named =
        configuration.isEmpty()
            ? List.of()
            : ConfigLoader.namedFiles(unpacked.resolve(configuration));
    List<String> selected = new ArrayList<>();
    for (String name : names) {
      Path target = EntryName.below(filesTo, EntryName.FILES, name);
      if (name.equals(configuration)
          || named.stream().anyMatch(file -> EntryName.isOf(file, name))) {
        selected.add(name);
        progress.accept("restores " + target);
      } else {
        progress.accept(
            "does not restore "
                + target
                + ": the configuration of the backup does not name this file");
      }
    }
    names = List.copyOf(selected);
  }

  /** Files get the owner of their directory. A replaced file is kept under a dated name. */
  void write(Path unpacked, String stamp, Consumer<String> progress) throws IOException {
    if (names.isEmpty()) {
      return;
    }
    if (filesTo == null) {
      progress.accept(
          "did not write the configuration and the files that it names (%d files); add '--files-to /' to write them to their old places, or name another directory"
              .formatted(names.size()));
      return;
    }
    for (String name : names) {
      Path target = EntryName.below(filesTo, EntryName.FILES, name);
      byte[] content =
          Files.readAllBytes(EntryName.below(unpacked.resolve("files"), EntryName.FILES, name));
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        if (Files.isRegularFile(target) && Restore.hasContent(target, content)) {
          continue;
        }
        Path kept = target.resolveSibling(target.getFileName() + ".before-restore-" + stamp);
        OwnerOnlyFile.move(target, kept);
        progress.accept("kept what was there as " + kept);
      }
      Path folder = Objects.requireNonNull(target.getParent(), "parent");
      FileModes.directory(folder, FileModes.Readers.OWNER);
      OwnerOnlyFile.create(target, content);
      FileModes.giveTo(folder, target);
      progress.accept("restored " + target);
    }
  }
}
