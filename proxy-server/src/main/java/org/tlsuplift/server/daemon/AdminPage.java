package org.tlsuplift.server.daemon;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A page of an admin server.
 *
 * @param body the start of the body, at most 16 MiB
 */
public record AdminPage(int status, String body) {
  private static final int TIMEOUT_MILLIS = 5_000;
  private static final int MAX_BYTES = 16 << 20;

  /**
   * Reads a page. Blocks for up to five seconds to connect, and up to five seconds for each read.
   *
   * @param path begins with a slash
   * @throws IOException if there is no HTTP response
   */
  public static AdminPage read(InetSocketAddress address, String path) throws IOException {
    return read("http://", address, path);
  }

  /** Reads a page with TLS and accepts any certificate, for a daemon on this machine. */
  public static AdminPage readByTls(InetSocketAddress address, String path) throws IOException {
    return read("https://", address, path);
  }

  private static AdminPage read(String scheme, InetSocketAddress address, String path)
      throws IOException {
    URI uri = URI.create(scheme + NetUtil.toSocketAddressString(address) + path);
    // The system's HTTP proxy is for other machines.
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
    if (connection instanceof HttpsURLConnection secure) {
      secure.setSSLSocketFactory(unverified());
      secure.setHostnameVerifier((name, session) -> true);
    }
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    try {
      int status = connection.getResponseCode();
      try (InputStream body =
          status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        return new AdminPage(status, text(body));
      }
    } finally {
      connection.disconnect();
    }
  }

  /**
   * Accepts any certificate. The request contains no secret, and a program that can take over an
   * address of this machine could also stop the daemon.
   */
  private static SSLSocketFactory unverified() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("TLS is in every Java runtime", impossible);
    }
  }

  private static String text(@Nullable InputStream body) throws IOException {
    return body == null ? "" : new String(body.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
  }
}
