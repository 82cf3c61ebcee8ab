package org.tlsuplift.server.inventory.jdbc;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.tlsuplift.server.inventory.InventoryPlace;
import org.tlsuplift.server.testing.Postgres;

/** Messages in the database that several daemons share. */
class PostgresMessageTest extends MessageContract {
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
    return postgres.place(postgres.newSchema());
  }
}
