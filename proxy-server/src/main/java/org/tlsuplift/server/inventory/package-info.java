/**
 * Records which devices still need the upgrade, without delaying sessions.
 *
 * <p>This package has the types that all parts share: devices, queries, verdict rules, and their
 * CSV and JSON, in which texts from devices cannot become formulas or markup. {@link
 * org.tlsuplift.server.inventory.Inventory} answers the queries, and {@link
 * org.tlsuplift.server.inventory.LiveSessions} lists the open sessions. The subpackages import this
 * package, and this package imports none of them: {@code record} turns session events into rows,
 * {@code messages} has the message trail, and {@code jdbc} stores and reads the rows in a database.
 */
@NullMarked
package org.tlsuplift.server.inventory;

import org.jspecify.annotations.NullMarked;
