package org.tlsuplift.server.database;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.tlsuplift.server.process.FileModes;

/** Copies a SQLite file while a daemon writes to it. Blocks on the disk. */
public final class DatabaseCopy {
  private static final int TIMEOUT_MILLIS = 10_000;

  private DatabaseCopy() {}

  /**
   * Writes the state of one moment to a new file. Writers do not wait (SQLite: VACUUM INTO).
   *
   * @param target must not exist; its directory must be private, because SQLite applies the umask
   */
  public static void write(Path database, Path target) throws IOException, SQLException {
    Path file = FileModes.regular(database);
    try (Connection connection = open(file);
        PreparedStatement copy = connection.prepareStatement("VACUUM INTO ?")) {
      FileModes.refuseElsewhere(file);
      copy.setString(1, target.toString());
      var unused = copy.execute();
    }
  }

  /** Whether SQLite finds the file intact. */
  public static boolean isIntact(Path database) {
    try (Connection connection = open(database);
        Statement check = connection.createStatement();
        ResultSet result = check.executeQuery("PRAGMA quick_check(1)")) {
      return result.next() && "ok".equals(result.getString(1));
    } catch (SQLException damaged) {
      return false;
    }
  }

  private static Connection open(Path database) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(TIMEOUT_MILLIS);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + database);
    return source.getConnection();
  }
}
