package org.tlsuplift.server.pages;

/**
 * What devices have in common, in a word or two.
 *
 * @param label the words
 * @param devices how many; empty on a single device
 * @param link to the list of those devices, or back to all of them if the list has no others
 * @param tone the class of its colour
 * @param chosen whether the list has no others
 */
record Chip(String label, String devices, String link, String tone, boolean chosen) {}
