package org.tlsuplift.server.it.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

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
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("origin", key, new char[0], new Certificate[] {certificate});
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (IOException | GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
