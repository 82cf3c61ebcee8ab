package org.tlsuplift.server.it.lab;

import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import org.tlsuplift.proxy.testing.Issuer;

/** An origin's key and certificate, as files for nginx and as a context for JSSE. */
public final class Identity {
  private final PrivateKey key;
  private final X509Certificate certificate;
  private final Path keyFile;
  private final Path certificateFile;

  public Identity(Lab lab, PrivateKey key, X509Certificate certificate) {
    this.key = key;
    this.certificate = certificate;
    this.keyFile = lab.file("origin.key", TestCa.pem(key));
    this.certificateFile = lab.file("origin.pem", TestCa.pem(certificate));
  }

  public PrivateKey key() {
    return key;
  }

  public X509Certificate certificate() {
    return certificate;
  }

  public Path keyFile() {
    return keyFile;
  }

  public Path certificateFile() {
    return certificateFile;
  }

  /** Certificate and key. */
  public String pem() {
    return TestCa.pem(certificate) + TestCa.pem(key);
  }

  public SSLContext context() {
    return new Issuer(new KeyPair(certificate.getPublicKey(), key), certificate).serving();
  }
}
