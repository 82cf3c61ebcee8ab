/**
 * Stores the inventory in SQLite or PostgreSQL.
 *
 * <p>The daemon runs {@code DeviceInventory}, and commands open {@code ReadOnlyInventory}. {@code
 * Store} writes batches of rows from {@code record}, and {@code JdbcInventory} reads devices.
 * Threads of the inventory and of the admin port call this package; event loops never do.
 */
@NullMarked
package org.tlsuplift.server.inventory.jdbc;

import org.jspecify.annotations.NullMarked;
