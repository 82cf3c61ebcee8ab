/**
 * Devices as CSV and JSON, for spreadsheets and programs. What a device calls itself cannot become
 * a formula or markup. Called by the admin port and the command line.
 */
@NullMarked
package org.tlsuplift.server.inventory.export;

import org.jspecify.annotations.NullMarked;
