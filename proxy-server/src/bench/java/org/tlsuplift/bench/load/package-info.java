/** The load: devices, and the origins behind the proxies. */
@NullMarked
package org.tlsuplift.bench.load;

import org.jspecify.annotations.NullMarked;
