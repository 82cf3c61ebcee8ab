package org.tlsuplift.server.terminal;

import java.util.function.Supplier;
import picocli.CommandLine;

/**
 * A command of a feature.
 *
 * @param place its order; those of the daemon stand at 10, 20 and so on
 */
public record FeatureCommand(int place, Supplier<CommandLine> command) {}
