package org.tlsuplift.server.database;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The location of the inventory. */
public sealed interface DatabasePlace {
  /**
   * A SQLite file of one daemon. Other processes may read it.
   *
   * @param file created if missing, readable by this user only
   */
  record Embedded(Path file) implements DatabasePlace {
    @Override
    public String toString() {
      return file.toString();
    }
  }

  /**
   * A PostgreSQL database, which several daemons may share.
   *
   * @param url a JDBC URL
   * @param user null for the user in the URL or the server's default
   * @param password null for none
   */
  record PostgreSql(String url, @Nullable String user, @Nullable String password)
      implements DatabasePlace {
    @Override
    public String toString() {
      // The URL parameters may contain a password.
      return url.replaceAll("\\?.*", "");
    }
  }
}
