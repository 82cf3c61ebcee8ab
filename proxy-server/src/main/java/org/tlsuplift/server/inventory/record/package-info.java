/**
 * Writes down what sessions show: observers note sightings, one thread folds them into rows.
 *
 * <p>Events of sessions enter through {@code InventoryObserver}, fast and without waiting; batches
 * of rows leave towards {@code jdbc}. The queue is bounded, and what does not fit is counted. Start
 * reading at {@code Recorder}.
 */
@NullMarked
package org.tlsuplift.server.inventory.record;

import org.jspecify.annotations.NullMarked;
