package org.tlsuplift.server.inventory;

/**
 * What is written in one transaction.
 *
 * @param number counts the batches of a run, from 1
 * @param delta the rows; not changed any more
 */
record Batch(long number, Delta delta) {}
