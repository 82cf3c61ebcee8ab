/** Tests of the endpoint lists of Microsoft 365. */
@NullMarked
package org.tlsuplift.server.microsoft365;

import org.jspecify.annotations.NullMarked;
