package org.tlsuplift.server.inventory.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.inventory.InventoryPlace;
import org.tlsuplift.server.inventory.ListenerNeed;
import org.tlsuplift.server.inventory.Need;
import org.tlsuplift.server.inventory.NeedFilter;

/** What was written by an earlier version is not lost, and not taken for less than it was. */
class MigrationTest {
  @TempDir Path folder;

  @Test
  void anEarlierNeedMayHaveBeenShownWhereverTheDeviceCameIn() throws Exception {
    Path file = folder.resolve("inventory.db");
    Flyway.configure(MigrationTest.class.getClassLoader())
        .dataSource("jdbc:sqlite:" + file, null, null)
        .locations("classpath:org/tlsuplift/server/inventory")
        .table("tlsuplift_schema_history")
        .placeholders(Map.of("text", "TEXT"))
        .target("1")
        .load()
        .migrate();
    try (Database before = Database.forWriting(new InventoryPlace.Embedded(file))) {
      before.createFile();
      try (Connection connection = before.connect()) {
        try (Statement statement = connection.createStatement()) {
          // A device that offered and agreed to TLS 1.0.
          statement.executeUpdate(
              "INSERT INTO device VALUES ('10.0.0.1', '00000000000000000000ffff0a000001', '', 5000,"
                  + " 5000, 1, 10, 100, 1, 0, 0, 0, 0, 769, 5000, 'TLS_RSA_WITH_AES_128_CBC_SHA',"
                  + " 769, 5000, 't10d', '', 769, 0, '', 0, '', 5000, 0, 5000, 769, 0, 0, 0, 0,"
                  + " 5000)");
          statement.executeUpdate(
              "INSERT INTO device_fact VALUES ('10.0.0.1', 'listener', 'web', 1000, 9000, 3),"
                  + " ('10.0.0.1', 'listener', 'mail', 1000, 2000, 1),"
                  + " ('10.0.0.1', 'legacy_listener', 'web', 1000, 5000, 1)");
        }
      }
      before.migrate();
      List<ListenerNeed> needs = new ArrayList<>();
      NeedFilter all = new NeedFilter(Instant.EPOCH, Optional.empty(), Optional.empty());
      before.run(
          handle -> {
            NeedReader.needs(handle, all, needs::add);
            return handle;
          });
      assertThat(needs).containsExactlyInAnyOrder(need("web", 5000), need("mail", 2000));
    }
  }

  private static ListenerNeed need(String listener, long last) {
    return new ListenerNeed(
        "10.0.0.1",
        listener,
        Need.TOO_OLD,
        Instant.ofEpochMilli(1000),
        Instant.ofEpochMilli(last),
        1);
  }
}
