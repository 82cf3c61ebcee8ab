/**
 * Who still needs the upgrade: one record for each device, written behind the data path.
 *
 * <p>{@link org.tlsuplift.server.inventory.DeviceInventory} is what the daemon runs and {@link
 * org.tlsuplift.server.inventory.Inventory} how it is read. What observers note becomes {@code
 * Sighting}s in a bounded queue; one thread folds them into rows, another writes the rows. Folding
 * and writing follow one set of rules, {@code Tables}, which commute: the order of sightings,
 * batches and instances does not matter.
 */
@NullMarked
package org.tlsuplift.server.inventory;

import org.jspecify.annotations.NullMarked;
