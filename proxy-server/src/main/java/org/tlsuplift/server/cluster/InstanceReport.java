package org.tlsuplift.server.cluster;

import org.jspecify.annotations.Nullable;

/**
 * What an instance reports about itself.
 *
 * @param name of its machine and its admin port, for people
 * @param version of the program
 * @param generation of its configuration: 1, and one more for each reload
 * @param sessions that are open
 * @param ca the SHA-256 fingerprint of the CA that signs for devices
 * @param stagedCa that of the next CA, or null
 */
public record InstanceReport(
    String name,
    String version,
    long generation,
    int sessions,
    String ca,
    @Nullable String stagedCa) {}
