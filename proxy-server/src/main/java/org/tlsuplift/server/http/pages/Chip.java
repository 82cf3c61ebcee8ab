package org.tlsuplift.server.http.pages;

/**
 * A property that devices have in common, in a word or two.
 *
 * @param label the words
 * @param devices the number of devices; empty on the page of one device
 * @param link the address of the list of these devices, or of the list of all devices if the chip
 *     is chosen
 * @param tone the class of its colour
 * @param chosen whether the list shows only these devices
 */
record Chip(String label, String devices, String link, String tone, boolean chosen) {}
