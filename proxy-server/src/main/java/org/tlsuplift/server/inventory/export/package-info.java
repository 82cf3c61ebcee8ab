/**
 * Devices as CSV and JSON, for spreadsheets and programs.
 *
 * <p>Device records enter, one by one; text leaves. What a device calls itself cannot become a
 * formula or markup. Called by {@code api}, {@code pages} and the command line. Start reading at
 * {@link org.tlsuplift.server.inventory.export.DeviceCsv}.
 */
@NullMarked
package org.tlsuplift.server.inventory.export;

import org.jspecify.annotations.NullMarked;
