/**
 * The pages for people on the admin port: what is there in figures, which devices need the upgrade,
 * and the certificates to install.
 *
 * <p>A page is read from its sources into a record of texts that are ready to be shown, and then
 * rendered by a template (jte, compiled with this package) that escapes each of them for its place.
 * Whatever a device says of itself is made visible first: no control character, no change of
 * writing direction. Pages need no script; the little there is draws charts of tables.
 */
@NullMarked
package org.tlsuplift.server.pages;

import org.jspecify.annotations.NullMarked;
