package org.tlsuplift.server.config;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.binding.Keys;
import org.tlsuplift.server.config.secret.KeyFiles;

/**
 * The files that a configuration names, such as roots, passwords and names of devices. Found by
 * reflection over the records of all packages, so that a new key is not forgotten.
 */
public final class NamedFiles {
  /** The daemon writes them, or to them. */
  private static final Set<String> WRITTEN = Set.of("dataDirectory", "file", "socket");

  /** The daemon writes them, or watches them itself. */
  private static final Set<String> OTHERS =
      Set.of("dataDirectory", "file", "socket", "accountsFile");

  /** Beside {@link #OTHERS}: a thief needs none of these. A new key counts as a secret. */
  private static final Set<String> PUBLIC = Set.of("certificate", "trust", "namesFile");

  private final Set<String> excluded;
  private final boolean keyFiles;
  private final Set<Path> files = new LinkedHashSet<>();

  private NamedFiles(Set<String> excluded, boolean keyFiles) {
    this.excluded = excluded;
    this.keyFiles = keyFiles;
  }

  /**
   * The files that the daemon reads only when it loads the configuration, in the order of the
   * records.
   */
  public static List<Path> of(Record config) {
    return new NamedFiles(OTHERS, false).in(config);
  }

  /** All files that the daemon reads, also those that it watches. */
  public static List<Path> allOf(ServerConfig config) {
    NamedFiles all = new NamedFiles(WRITTEN, true);
    SignInConfig signIn = config.signIn();
    if (signIn != null && signIn.shareAccounts() && signIn.accountsFile() != null) {
      // Before the accounts: a version that is newer than they are would make them a change.
      all.files.add(AccountsFile.sharedVersion(signIn.accountsFile()));
    }
    return all.in(config);
  }

  /** The files with keys, passwords and tokens that a configuration and its accounts name. */
  public static List<Path> secretsOf(ServerConfig config, List<SignInConfig.Account> accounts) {
    Set<String> excluded = new HashSet<>(OTHERS);
    excluded.addAll(PUBLIC);
    NamedFiles secrets = new NamedFiles(excluded, true);
    secrets.add("", accounts);
    return secrets.in(config);
  }

  private List<Path> in(Record config) {
    add("", config);
    return List.copyOf(files);
  }

  private void add(String name, @Nullable Object value) {
    if (value instanceof Path file) {
      if (!excluded.contains(name)) {
        files.add(file);
      }
    } else if (value instanceof Collection<?> all) {
      all.forEach(each -> add(name, each));
    } else if (value instanceof Record record && (keyFiles || !(value instanceof KeyFiles))) {
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        add(component.getName(), Keys.value(component, record));
      }
    }
  }
}
