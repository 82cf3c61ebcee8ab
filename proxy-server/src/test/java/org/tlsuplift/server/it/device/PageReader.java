package org.tlsuplift.server.it.device;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSession;

/** The Java program that {@link JavaDevice} starts: knows nothing of TLS, as such programs do. */
final class PageReader {
  private PageReader() {}

  /** Reads the page whose address is the first argument, and prints it. */
  public static void main(String[] arguments) throws IOException {
    var page = (HttpsURLConnection) URI.create(arguments[0]).toURL().openConnection();
    try (InputStream in = page.getInputStream()) {
      SSLSession session = page.getSSLSession().orElseThrow();
      System.out.println("agreed " + session.getProtocol() + " " + session.getCipherSuite());
      System.out.println(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
