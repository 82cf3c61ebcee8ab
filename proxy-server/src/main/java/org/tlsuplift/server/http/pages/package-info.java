/**
 * The pages for people on the admin port: the overview, the devices that need the upgrade, the
 * manual, and the certificates to install.
 *
 * <p>A reader turns the sources into a record of texts; {@link
 * org.tlsuplift.server.http.pages.ProblemText} and its neighbours have the words for verdicts,
 * problems, needs, numbers and times. A template (jte, compiled with this package) renders the
 * record inside {@link org.tlsuplift.server.console.PageFrame} and escapes each text for its place.
 * Text from devices is made visible first: no control characters, and no change of the writing
 * direction. Pages work without scripts; the only scripts draw charts from tables.
 */
@NullMarked
package org.tlsuplift.server.http.pages;

import org.jspecify.annotations.NullMarked;
