package org.tlsuplift.server.inventory;

/** A device that used a listener. */
public record ListenerUse(String address, String listener) {}
