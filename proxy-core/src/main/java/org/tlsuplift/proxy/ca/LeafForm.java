package org.tlsuplift.proxy.ca;

/**
 * What leaves look like.
 *
 * @param keyAlgorithm the key that all leaves of a CA share
 * @param oneName whether a leaf carries the first of its names only
 * @param extensions which extensions it has
 */
public record LeafForm(KeyAlgorithm keyAlgorithm, boolean oneName, Extensions extensions) {
  /** RSA-2048 with all names and all extensions. */
  public static final LeafForm USUAL = new LeafForm(KeyAlgorithm.RSA_2048, false, Extensions.ALL);
}
