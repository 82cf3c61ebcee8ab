package org.tlsuplift.server.inventory.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.cluster.Instances;
import org.tlsuplift.server.cluster.TokenDatabase;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.database.Migration;
import org.tlsuplift.server.database.Schema;
import org.tlsuplift.server.inventory.jdbc.MigrationTest.FailingSource;
import org.tlsuplift.server.spool.JdbcSpoolStore;
import org.tlsuplift.server.testing.Postgres;

/** The database that several daemons share. */
@OneJdk
class PostgresStoreTest extends StoreContract {
  private static Postgres postgres;

  @BeforeAll
  static void start() {
    postgres = Postgres.shared();
  }

  @Test
  void detectsItsSchemaWithoutFlyway() throws Exception {
    DataSource source = source(place());
    for (Schema schema :
        List.of(
            DeviceInventory.SCHEMA,
            Instances.SCHEMA,
            TokenDatabase.SCHEMA,
            JdbcSpoolStore.SCHEMA)) {
      Migration migration = new Migration(source, schema, Migration.POSTGRESQL_TYPES);
      assertThat(migration.isDone()).isFalse();
      migration.run();
      assertThat(migration.isDone()).isTrue();
    }
  }

  @Test
  void problemsOfTheVersionBeforeStayUntilTheNextSuccess() throws Exception {
    DatabasePlace.PostgreSql place = place();
    MigrationTest.migrateTo("4", source(place), Migration.POSTGRESQL_TYPES);
    MigrationTest.writeProblems(source(place));
    FailingSource failing = new FailingSource(source(place), "INSERT INTO device_origin", 0);
    assertThatThrownBy(
            () ->
                new Migration(failing.source(), DeviceInventory.SCHEMA, Migration.POSTGRESQL_TYPES)
                    .run())
        .hasMessageContaining(FailingSource.MESSAGE);
    assertThat(failing.hasFailed()).isTrue();
    try (Database after = Database.forWriting(place)) {
      after.migrate(DeviceInventory.SCHEMA);
      MigrationTest.checkProblems(after);
    }
  }

  private static DataSource source(DatabasePlace.PostgreSql place) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(place.url());
    source.setUser(place.user());
    source.setPassword(place.password());
    return source;
  }

  @Override
  DatabasePlace.PostgreSql place() {
    return postgres.place(postgres.newSchema());
  }
}
