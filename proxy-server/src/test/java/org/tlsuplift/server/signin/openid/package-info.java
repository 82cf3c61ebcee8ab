@NullMarked
package org.tlsuplift.server.signin.openid;

import org.jspecify.annotations.NullMarked;
