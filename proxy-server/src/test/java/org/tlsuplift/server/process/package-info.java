/** Tests of the reports to systemd, and of the sockets that it passes. */
package org.tlsuplift.server.process;
