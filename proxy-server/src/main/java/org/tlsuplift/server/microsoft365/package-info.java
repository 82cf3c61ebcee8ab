/**
 * Microsoft's list of the endpoints of Microsoft 365: bundled with the program, kept on disk, and
 * refreshed from Microsoft's web service.
 *
 * <p>The service is described at
 * https://learn.microsoft.com/microsoft-365/enterprise/microsoft-365-ip-web-service.
 */
@NullMarked
package org.tlsuplift.server.microsoft365;

import org.jspecify.annotations.NullMarked;
