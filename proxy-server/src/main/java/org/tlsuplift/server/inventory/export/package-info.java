/**
 * Writes devices as CSV and JSON, for spreadsheets and programs.
 *
 * <p>The input is device records, one by one; the output is text. Texts from devices cannot become
 * formulas or markup. {@code api}, {@code pages} and the command line call this package. Start
 * reading at {@link org.tlsuplift.server.inventory.export.DeviceCsv}.
 */
@NullMarked
package org.tlsuplift.server.inventory.export;

import org.jspecify.annotations.NullMarked;
