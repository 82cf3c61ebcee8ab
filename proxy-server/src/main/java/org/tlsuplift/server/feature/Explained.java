package org.tlsuplift.server.feature;

/** An exception whose message is for the operator. */
public interface Explained {}
