/**
 * Keeps the inventory in SQLite or PostgreSQL.
 *
 * <p>Batches of rows enter, devices leave. Merging commutes: the order of rows, batches and
 * instances does not matter. Used on threads of the inventory alone. Start reading at {@code
 * JdbcInventory}.
 */
@NullMarked
package org.tlsuplift.server.inventory.jdbc;

import org.jspecify.annotations.NullMarked;
