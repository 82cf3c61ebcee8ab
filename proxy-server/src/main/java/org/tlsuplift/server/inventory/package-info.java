/**
 * Who still needs the upgrade: one record for each device, written behind the data path.
 *
 * <p>This package holds what all parts share: the devices, the questions about them and the rules
 * for their verdicts. {@link org.tlsuplift.server.inventory.Inventory} answers the questions. Its
 * children import this package, and this package imports none of them: {@code record} notes what
 * sessions show, {@code jdbc} keeps it in a database and has the ways in, {@code export} writes it
 * as CSV and JSON.
 */
@NullMarked
package org.tlsuplift.server.inventory;

import org.jspecify.annotations.NullMarked;
