/** What tests of several packages need. */
@NullMarked
package org.tlsuplift.server.testing;

import org.jspecify.annotations.NullMarked;
