package org.tlsuplift.server.inventory;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where the inventory is kept. */
public sealed interface InventoryPlace {
  /**
   * A file of SQLite, of one daemon. Others may read it meanwhile.
   *
   * @param file made if it is missing, for this user alone
   */
  record Embedded(Path file) implements InventoryPlace {
    @Override
    public String toString() {
      return file.toString();
    }
  }

  /**
   * A database of PostgreSQL, which several daemons may share.
   *
   * @param url of JDBC
   * @param user who we are, or null where the URL or the server's default says that
   * @param password the proof, or null
   */
  record PostgreSql(String url, @Nullable String user, @Nullable String password)
      implements InventoryPlace {
    @Override
    public String toString() {
      // What follows a question mark may be a password.
      return url.replaceAll("\\?.*", "");
    }
  }
}
