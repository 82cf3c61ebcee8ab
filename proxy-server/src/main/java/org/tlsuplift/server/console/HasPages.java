package org.tlsuplift.server.console;

/** A running feature with pages. */
public interface HasPages {
  FeaturePages pages();
}
