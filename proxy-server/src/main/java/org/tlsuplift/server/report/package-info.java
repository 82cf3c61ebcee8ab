/**
 * The switch-off report as files: what {@link org.tlsuplift.server.switchoff} answers, for people
 * who print it and for spreadsheets.
 */
@NullMarked
package org.tlsuplift.server.report;

import org.jspecify.annotations.NullMarked;
