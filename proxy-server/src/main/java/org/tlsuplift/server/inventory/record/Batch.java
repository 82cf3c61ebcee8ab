package org.tlsuplift.server.inventory.record;

/**
 * The rows of one transaction.
 *
 * @param number counts the batches of a run, from 1
 * @param delta the rows, which no longer change
 */
public record Batch(long number, Delta delta) {}
