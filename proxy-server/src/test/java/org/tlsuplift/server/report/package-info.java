/** How the report comes to be in files. */
package org.tlsuplift.server.report;
