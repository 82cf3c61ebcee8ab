/**
 * The inventory in SQLite or PostgreSQL.
 *
 * <p>{@code DeviceInventory} is what the daemon runs, {@code ReadOnlyInventory} what commands open.
 * Batches of rows from {@code record} enter through {@code Store}; devices leave through {@code
 * JdbcInventory}. The threads of the inventory and of the admin port call it, event loops never do.
 */
@NullMarked
package org.tlsuplift.server.inventory.jdbc;

import org.jspecify.annotations.NullMarked;
