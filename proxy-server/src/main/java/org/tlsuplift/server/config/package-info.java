/**
 * The configuration as records, in {@link org.tlsuplift.server.config.ServerConfig}.
 *
 * <p>Start with {@link org.tlsuplift.server.config.ConfigLoader}: it reads the file and the
 * defaults, and returns a checked {@link org.tlsuplift.server.config.LoadedConfig} with warnings,
 * or all errors. A record has the keys of a section, and the rules for them. {@code
 * ConfigValidator} checks rules over several sections, and files; {@code ConfigWarnings} finds what
 * is valid but probably wrong. {@code config/tls-uplift.yaml} explains each key and has the
 * defaults.
 *
 * <p>{@code AccountsEditor} writes the file of device accounts. {@code binding} reads YAML into
 * records, and {@code secret} reads secret files. Nothing here opens a port.
 */
@NullMarked
package org.tlsuplift.server.config;

import org.jspecify.annotations.NullMarked;
