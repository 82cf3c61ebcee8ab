package org.tlsuplift.server.it.device;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * The Java program that {@link JsseDevices} starts: a device for each line that it reads, with a
 * TLS context of its own, so that nothing is resumed.
 */
final class JsseProgram {
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final byte[] REQUEST =
      "GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private JsseProgram() {}

  /**
   * Reads lines of: port, name, SNI or -, trusted file, versions, suites, whether each byte is
   * written by itself, and a number for the answer.
   */
  public static void main(String[] arguments) throws IOException, GeneralSecurityException {
    System.out.println(
        "suites "
            + String.join(",", context(List.of()).getSupportedSSLParameters().getCipherSuites()));
    System.out.println(
        "versions "
            + String.join(",", context(List.of()).getSupportedSSLParameters().getProtocols()));
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" ", -1);
      int exit = 0;
      try {
        visit(words);
      } catch (IOException | GeneralSecurityException refused) {
        System.out.println(refused);
        exit = 1;
      }
      System.out.println("exit " + exit + " of " + words[7]);
    }
  }

  private static void visit(String[] words) throws IOException, GeneralSecurityException {
    String name = words[1];
    try (Socket plain = new Socket("127.0.0.1", Integer.parseInt(words[0]));
        SSLSocket socket =
            (SSLSocket)
                context(List.of(Path.of(words[3])))
                    .getSocketFactory()
                    .createSocket(plain, name, plain.getPort(), true)) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      parameters.setProtocols(words[4].split(","));
      parameters.setCipherSuites(words[5].split(","));
      parameters.setServerNames(
          words[2].equals("-") ? List.of() : List.of(new SNIHostName(words[2])));
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      SSLSession session = socket.getSession();
      System.out.println("agreed " + session.getProtocol() + " " + session.getCipherSuite());
      write(socket.getOutputStream(), Integer.parseInt(words[6]));
      System.out.println(
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /** Writes the request in pieces of that length. */
  private static void write(OutputStream out, int piece) throws IOException {
    for (int at = 0; at < REQUEST.length; at += piece) {
      out.write(REQUEST, at, Math.min(piece, REQUEST.length - at));
      out.flush();
    }
  }

  private static SSLContext context(List<Path> trusted)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (Path file : trusted) {
      try (InputStream pem = Files.newInputStream(file)) {
        store.setCertificateEntry(
            file.toString(), CertificateFactory.getInstance("X.509").generateCertificate(pem));
      }
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trusted.isEmpty() ? null : trust.getTrustManagers(), null);
    return context;
  }
}
