package org.tlsuplift.server.database;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.CRC32;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a schema to the version of this program. Flyway does it; reading its table first costs one
 * query and leaves Flyway's classes out of a start that has nothing to change.
 */
public final class Migration {
  private static final Logger log = LoggerFactory.getLogger(Migration.class);

  /** The types of rows that Flyway adds for itself, and not for a script. */
  private static final Set<String> OWN_ROWS = Set.of("BASELINE", "SCHEMA");

  /** The types of columns, by their names in the scripts, such as {@code ${text}}. */
  public static final Map<String, String> SQLITE_TYPES = Map.of("text", "TEXT", "blob", "BLOB");

  public static final Map<String, String> POSTGRESQL_TYPES =
      Map.of("text", "TEXT COLLATE \"C\"", "blob", "BYTEA");

  private final DataSource source;
  private final Schema schema;
  private final Map<String, String> types;

  public Migration(DataSource source, Schema schema, Map<String, String> types) {
    this.source = source;
    this.schema = schema;
    this.types = types;
  }

  /**
   * Returns when the schema has the version of this program.
   *
   * @throws SQLException if the database is unreachable, or its schema is not one that this program
   *     can use; the root cause has the reason
   */
  public void run() throws SQLException {
    if (!isDone()) {
      Scripts.run(source, schema, types);
    }
  }

  /** A row of Flyway's table. */
  private record Applied(String script, int checksum, boolean succeeded) {}

  /**
   * Whether Flyway's table has exactly the scripts of this program: each succeeded, unchanged, in
   * order. Flyway decides about everything else, such as a newer, changed or half applied schema.
   */
  public boolean isDone() throws SQLException {
    List<Applied> expected =
        schema.scripts().stream()
            .map(script -> new Applied(script, checksum(schema, script), true))
            .toList();
    try (Connection connection = source.getConnection()) {
      return expected.equals(applied(connection));
    }
  }

  /** The scripts that have run, or none if the table does not exist. */
  private List<Applied> applied(Connection connection) {
    List<Applied> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT type, script, checksum, success FROM %s ORDER BY installed_rank"
                    .formatted(schema.history()))) {
      while (found.next()) {
        if (!OWN_ROWS.contains(found.getString(1))) {
          rows.add(new Applied(found.getString(2), found.getInt(3), found.getBoolean(4)));
        }
      }
    } catch (SQLException missing) {
      log.debug("{} cannot be read", schema.history(), missing);
      return List.of();
    }
    return rows;
  }

  /** The checksum that Flyway records: a CRC-32 of the lines without their ends. */
  private static int checksum(Schema schema, String script) {
    String file = "/" + schema.location() + "/" + script;
    CRC32 sum = new CRC32();
    try (InputStream content = Migration.class.getResourceAsStream(file);
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(
                    Objects.requireNonNull(content, file), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        sum.update(line.getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException failed) {
      throw new UncheckedIOException("the bundled " + file + " cannot be read", failed);
    }
    return (int) sum.getValue();
  }

  /** Runs what is missing. The only class that needs those of Flyway. */
  private static final class Scripts {
    private Scripts() {}

    /** Daemons that start at the same time do this one after the other. */
    static void run(DataSource from, Schema schema, Map<String, String> types) throws SQLException {
      try {
        Flyway.configure(Database.class.getClassLoader())
            .dataSource(from)
            .locations("classpath:" + schema.location())
            .failOnMissingLocations(true)
            .table(schema.history())
            // The parts share a schema, so none of them finds it empty.
            .baselineOnMigrate(true)
            .baselineVersion("0")
            .placeholders(types)
            .load()
            .migrate();
      } catch (FlywayException failed) {
        throw new SQLException(failed.getMessage(), failed);
      }
    }
  }
}
