/** Sign-in with OpenID Connect Core 1.0, for people at the admin port. */
@NullMarked
package org.tlsuplift.server.signin.openid;

import org.jspecify.annotations.NullMarked;
