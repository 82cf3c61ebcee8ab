/**
 * The switch-off report as files: the results of {@link org.tlsuplift.server.insight.switchoff} as
 * an HTML page and as CSV. Start reading at {@link
 * org.tlsuplift.server.insight.report.SwitchOffReport}.
 */
@NullMarked
package org.tlsuplift.server.insight.report;

import org.jspecify.annotations.NullMarked;
