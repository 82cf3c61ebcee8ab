@NullMarked
package org.tlsuplift.server.database;

import org.jspecify.annotations.NullMarked;
