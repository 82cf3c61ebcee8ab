/** Steps spoken before TLS, by which a device says where it wants to go. */
@NullMarked
package org.tlsuplift.proxy.negotiate;

import org.jspecify.annotations.NullMarked;
