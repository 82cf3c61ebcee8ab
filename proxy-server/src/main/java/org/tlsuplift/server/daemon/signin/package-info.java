/** Opens what signs devices in, and the tokens and passwords for origins. */
@NullMarked
package org.tlsuplift.server.daemon.signin;

import org.jspecify.annotations.NullMarked;
