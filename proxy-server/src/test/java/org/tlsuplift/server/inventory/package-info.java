/** Tests of the device inventory, against real databases where there is one. */
@NullMarked
package org.tlsuplift.server.inventory;

import org.jspecify.annotations.NullMarked;
