/** Tests of sending by Microsoft Graph, with a stand-in. */
@NullMarked
package org.tlsuplift.server.graph;

import org.jspecify.annotations.NullMarked;
