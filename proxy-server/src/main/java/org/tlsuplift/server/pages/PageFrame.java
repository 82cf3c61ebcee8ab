package org.tlsuplift.server.pages;

import org.jspecify.annotations.Nullable;

/**
 * What all pages have around them.
 *
 * @param title of the page
 * @param section where the reader is, or null for none of those in the navigation
 * @param machine which daemon is asked
 * @param version of the daemon
 * @param made when the page was made
 */
record PageFrame(
    String title, @Nullable NavigationItem section, String machine, String version, String made) {}
