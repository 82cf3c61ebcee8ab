package org.tlsuplift.server.inventory.record;

/**
 * The rows of one transaction.
 *
 * @param number the number of the batch in this run of the daemon, from 1
 * @param delta the rows, which never change again
 */
public record Batch(long number, Delta delta) {}
