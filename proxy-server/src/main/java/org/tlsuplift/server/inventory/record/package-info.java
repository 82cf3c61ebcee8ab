/**
 * Notes what sessions show of devices, and folds it into rows.
 *
 * <p>Events of sessions enter through {@code InventoryObserver}, which never waits; {@code
 * Recorder} hands batches of rows to a writer, which is the database. The queue is bounded, and a
 * sighting that does not fit is counted. The rules in {@code Tables} hold in memory and in SQL and
 * commute: the order of sightings, batches and daemons does not matter. Start reading at {@code
 * Recorder}.
 */
@NullMarked
package org.tlsuplift.server.inventory.record;

import org.jspecify.annotations.NullMarked;
