/** Tests of the package of the same name. */
@NullMarked
package org.tlsuplift.server.inventory.messages;

import org.jspecify.annotations.NullMarked;
