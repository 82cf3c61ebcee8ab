/**
 * What a feature brings to the rest: changes and who may make them, conditions, and findings of
 * checks. Stands below all features, and imports none.
 */
@NullMarked
package org.tlsuplift.server.feature;

import org.jspecify.annotations.NullMarked;
