/** What there is at a glance, in figures: for the page that shows it, and for scripts. */
@NullMarked
package org.tlsuplift.server.overview;

import org.jspecify.annotations.NullMarked;
