package org.tlsuplift.server.inventory.jdbc;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.tlsuplift.server.inventory.InventoryPlace;
import org.tlsuplift.server.testing.Postgres;

/** Messages in the database that several daemons share. */
class PostgresMessageTest extends MessageContract {
  private static final AtomicInteger SCHEMAS = new AtomicInteger();

  private static Postgres postgres;

  @BeforeAll
  static void start() {
    postgres = Postgres.start();
  }

  @AfterAll
  static void end() {
    if (postgres != null) {
      postgres.close();
    }
  }

  @Override
  InventoryPlace place() {
    String schema = "test" + SCHEMAS.incrementAndGet();
    postgres.ask("CREATE SCHEMA " + schema);
    return new InventoryPlace.PostgreSql(
        postgres.url() + "?currentSchema=" + schema, postgres.user(), postgres.password());
  }
}
