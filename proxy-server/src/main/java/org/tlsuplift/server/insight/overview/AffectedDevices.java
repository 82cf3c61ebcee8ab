package org.tlsuplift.server.insight.overview;

/**
 * A date of Microsoft's and whom it may concern.
 *
 * @param date the date
 * @param devices how many have gone to its destinations in the last 30 days
 */
public record AffectedDevices(MicrosoftDate date, long devices) {}
