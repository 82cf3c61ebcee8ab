/** Tests of the manual: its pages, and what serves them. */
@NullMarked
package org.tlsuplift.server.manual;

import org.jspecify.annotations.NullMarked;
