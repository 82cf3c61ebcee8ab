/**
 * Turns session events into rows about devices.
 *
 * <p>{@code InventoryObserver} receives the events and never blocks. {@code Recorder} merges them
 * and passes batches of rows to the database. The queue is bounded; it drops and counts sightings
 * that do not fit. The merge rules in {@code Tables} are the same in memory and in SQL and are
 * commutative, so the order of sightings, batches and daemons does not matter. Start reading at
 * {@code Recorder}.
 */
@NullMarked
package org.tlsuplift.server.inventory.record;

import org.jspecify.annotations.NullMarked;
