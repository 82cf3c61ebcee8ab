/** The mail protocols, as far as they are spoken before TLS. */
@NullMarked
package org.tlsuplift.proxy.mail;

import org.jspecify.annotations.NullMarked;
