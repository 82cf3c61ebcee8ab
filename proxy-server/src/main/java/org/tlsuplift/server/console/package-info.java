/**
 * The shell of the pages for people: the frame around each page, its forms, texts and assets, and
 * what a feature brings to them ({@link org.tlsuplift.server.console.FeaturePages}). Stands below
 * all features that have pages.
 */
@NullMarked
package org.tlsuplift.server.console;

import org.jspecify.annotations.NullMarked;
