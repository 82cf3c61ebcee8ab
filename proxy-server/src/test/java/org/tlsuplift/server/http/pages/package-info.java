/** What is read for the pages, and how they are rendered. */
package org.tlsuplift.server.http.pages;
