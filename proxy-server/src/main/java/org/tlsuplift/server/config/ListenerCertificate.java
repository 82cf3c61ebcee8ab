package org.tlsuplift.server.config;

import java.util.Locale;
import org.tlsuplift.server.config.yaml.Labelled;

/**
 * What the certificates of an antique listener look like, and the CA that is made for it alone.
 *
 * @param keyAlgorithm the key of both
 * @param signature the hash of the CA's signatures
 * @param names how many names a certificate carries
 * @param extensions which extensions both have
 */
public record ListenerCertificate(
    KeyAlgorithm keyAlgorithm, Signature signature, Names names, Extensions extensions) {
  /** What holds for keys that are left out: the same as on other listeners. */
  static final ListenerCertificate USUAL =
      new ListenerCertificate(KeyAlgorithm.RSA_2048, Signature.SHA256, Names.ALL, Extensions.ALL);

  /** The kind of key. */
  public enum KeyAlgorithm implements Labelled {
    RSA_1024("RSA-1024"),
    RSA_2048("RSA-2048"),
    EC_P256("EC-P256");

    private final String label;

    KeyAlgorithm(String label) {
      this.label = label;
    }

    @Override
    public String label() {
      return label;
    }
  }

  /** The hash of signatures. */
  public enum Signature implements Labelled {
    SHA1,
    SHA256;

    @Override
    public String label() {
      return name();
    }
  }

  /** How many names a certificate carries. */
  public enum Names implements Labelled {
    /** All by which the device may know the origin or this machine. */
    ALL,
    /** The one that the device asks for. */
    ONE;

    @Override
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Which extensions certificates have. */
  public enum Extensions implements Labelled {
    /** The usual ones. */
    ALL,
    /** The names, and that a CA is one. */
    MINIMAL,
    /** None: version 1 of X.509. */
    NONE;

    @Override
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
