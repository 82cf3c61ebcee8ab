package org.tlsuplift.server.inventory;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where the inventory is kept. */
public sealed interface InventoryPlace {
  /**
   * A SQLite file of one daemon. Other processes may read it meanwhile.
   *
   * @param file created if it is missing, readable by this user only
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
   * @param user the user name, or null to use the one of the URL or the default of the server
   * @param password the password, or null
   */
  record PostgreSql(String url, @Nullable String user, @Nullable String password)
      implements InventoryPlace {
    @Override
    public String toString() {
      // The parameters may hold a password.
      return url.replaceAll("\\?.*", "");
    }
  }
}
