package org.tlsuplift.server.pages;

import java.time.Instant;

/**
 * Something that ends by itself.
 *
 * @param what it is, such as the certificate of something
 * @param at when it ends
 * @param remedy what to do before that, in one line
 */
public record Ending(String what, Instant at, String remedy) {}
