/**
 * Records which devices still need the upgrade, without delaying sessions.
 *
 * <p>This package holds the types that all parts share: devices, queries and verdict rules. {@link
 * org.tlsuplift.server.inventory.Inventory} answers the queries. The subpackages import this
 * package, and this package imports none of them: {@code record} turns session events into rows,
 * {@code jdbc} stores and reads the rows in a database, and {@code export} writes CSV and JSON.
 */
@NullMarked
package org.tlsuplift.server.inventory;

import org.jspecify.annotations.NullMarked;
