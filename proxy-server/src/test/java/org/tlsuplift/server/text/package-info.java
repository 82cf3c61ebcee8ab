@NullMarked
package org.tlsuplift.server.text;

import org.jspecify.annotations.NullMarked;
