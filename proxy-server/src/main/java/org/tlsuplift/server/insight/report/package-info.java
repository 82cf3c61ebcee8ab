/**
 * The switch-off report as files: what {@link org.tlsuplift.server.insight.switchoff} answers, for
 * people who print it and for spreadsheets. Start reading at {@link
 * org.tlsuplift.server.insight.report.SwitchOffReport}.
 */
@NullMarked
package org.tlsuplift.server.insight.report;

import org.jspecify.annotations.NullMarked;
