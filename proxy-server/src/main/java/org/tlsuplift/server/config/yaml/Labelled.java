package org.tlsuplift.server.config.yaml;

/** A word of the configuration. */
public interface Labelled {
  /** The word as it is written in the YAML. */
  String label();
}
