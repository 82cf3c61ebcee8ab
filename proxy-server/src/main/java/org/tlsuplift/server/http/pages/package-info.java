/**
 * The page of the CA certificates that devices must trust, their downloads, and how to install
 * them.
 *
 * <p>The CAs in use enter; a page, files and QR codes leave. Start reading at {@link
 * org.tlsuplift.server.http.pages.CertificatesResource}.
 */
@NullMarked
package org.tlsuplift.server.http.pages;

import org.jspecify.annotations.NullMarked;
