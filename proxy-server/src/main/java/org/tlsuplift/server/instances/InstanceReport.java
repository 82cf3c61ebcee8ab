package org.tlsuplift.server.instances;

/**
 * What an instance reports about itself.
 *
 * @param name of its machine and its admin port, for people
 * @param version of the program
 * @param generation of its configuration: 1, and one more for each reload
 * @param sessions that are open
 */
public record InstanceReport(String name, String version, long generation, int sessions) {}
