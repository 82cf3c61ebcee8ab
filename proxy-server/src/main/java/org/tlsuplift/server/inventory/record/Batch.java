package org.tlsuplift.server.inventory.record;

/**
 * What is written in one transaction.
 *
 * @param number counts the batches of a run, from 1
 * @param delta the rows; not changed any more
 */
public record Batch(long number, Delta delta) {}
