package org.tlsuplift.proxy.ca;

/**
 * The form of leaves.
 *
 * @param keyAlgorithm the key that all leaves of a CA share
 * @param oneName whether a leaf has only the first of its names
 */
public record LeafForm(KeyAlgorithm keyAlgorithm, boolean oneName, Extensions extensions) {
  /** RSA-2048 with all names and all extensions. */
  public static final LeafForm USUAL = new LeafForm(KeyAlgorithm.RSA_2048, false, Extensions.ALL);
}
