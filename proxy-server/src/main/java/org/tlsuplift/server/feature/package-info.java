/**
 * The contract of features. A feature is a folder. What it brings to the rest are the faces that it
 * implements: {@link org.tlsuplift.server.feature.Running} for what runs, and {@code Has...} for
 * what it shows; the faces for pages and commands are in the folders of their shells. {@code
 * daemon.Features} lists the features.
 *
 * <p>Beside the faces are the words that features share: changes and who may make them, conditions,
 * and findings of checks. Stands below all features, and imports none.
 */
@NullMarked
package org.tlsuplift.server.feature;

import org.jspecify.annotations.NullMarked;
