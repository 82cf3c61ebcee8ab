/** Tests of the package of the same name. */
@NullMarked
package org.tlsuplift.server.messages;

import org.jspecify.annotations.NullMarked;
