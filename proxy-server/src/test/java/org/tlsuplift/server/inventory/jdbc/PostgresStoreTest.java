package org.tlsuplift.server.inventory.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.tlsuplift.server.inventory.InventoryPlace;
import org.tlsuplift.server.testing.Postgres;

/** The database that several daemons share. */
class PostgresStoreTest extends StoreContract {
  @AutoClose private static Postgres postgres;

  @BeforeAll
  static void start() {
    postgres = Postgres.start();
  }

  @Test
  void itsSchemaIsKnownWithoutFlyway() throws Exception {
    InventoryPlace.PostgreSql place = postgres.place(postgres.newSchema());
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(place.url());
    source.setUser(place.user());
    source.setPassword(place.password());
    for (Schema schema : List.of(Schema.INVENTORY, Schema.INSTANCES, Schema.SIGN_IN)) {
      Migration migration = new Migration(source, schema, "TEXT COLLATE \"C\"");
      assertThat(migration.isDone()).isFalse();
      migration.run();
      assertThat(migration.isDone()).isTrue();
    }
  }

  @Override
  InventoryPlace place() {
    return postgres.place(postgres.newSchema());
  }
}
