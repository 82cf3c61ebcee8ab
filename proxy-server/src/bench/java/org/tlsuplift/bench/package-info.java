/** The benchmark: TLS Uplift beside HAProxy and stunnel. {@link Bench} runs it. */
@NullMarked
package org.tlsuplift.bench;

import org.jspecify.annotations.NullMarked;
