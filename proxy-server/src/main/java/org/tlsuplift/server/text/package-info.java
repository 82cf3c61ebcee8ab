/** How text leaves: as JSON, without control characters, or as a part of a URL. */
@NullMarked
package org.tlsuplift.server.text;

import org.jspecify.annotations.NullMarked;
