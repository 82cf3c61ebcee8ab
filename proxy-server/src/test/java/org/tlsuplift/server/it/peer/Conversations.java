package org.tlsuplift.server.it.peer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLSocket;

/** What the JSSE origin can talk about. */
public final class Conversations {
  /** The only suite of the JSSE origin. */
  static final String SUITE = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";

  private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)");
  private static final byte[] CHUNK = new byte[64 * 1024];

  static {
    // These bytes are equal in every run; none of them compresses or repeats within a record.
    new Random(7).nextBytes(CHUNK);
  }

  private Conversations() {}

  /** Answers one request with what was agreed to. */
  public static void agreement(SSLSocket device) throws IOException {
    readHead(device.getInputStream());
    reply(device, agreed(device));
  }

  /** Sends back whatever comes. */
  public static void echo(SSLSocket device) throws IOException {
    device.getInputStream().transferTo(device.getOutputStream());
  }

  /** Reads the content of one request and answers with its SHA-256. */
  public static void digestOfUpload(SSLSocket device) throws IOException {
    InputStream in = device.getInputStream();
    String head = readHead(in);
    Matcher length = LENGTH.matcher(head);
    long left = length.find() ? Long.parseLong(length.group(1)) : 0;
    MessageDigest digest = sha256();
    byte[] some = new byte[64 * 1024];
    while (left > 0) {
      int read = in.read(some, 0, (int) Math.min(some.length, left));
      if (read < 0) {
        return;
      }
      digest.update(some, 0, read);
      left -= read;
    }
    reply(device, HexFormat.of().formatHex(digest.digest()));
  }

  /** Sends back exactly so many bytes of what comes, then closes. */
  public static JsseOrigin.Conversation echoOf(long bytes) {
    return device -> {
      InputStream in = device.getInputStream();
      OutputStream out = device.getOutputStream();
      byte[] some = new byte[64 * 1024];
      for (long left = bytes; left > 0; ) {
        int read = in.read(some, 0, (int) Math.min(some.length, left));
        if (read < 0) {
          return;
        }
        out.write(some, 0, read);
        left -= read;
      }
    };
  }

  /** Answers one request with {@link #write chunks}. */
  public static JsseOrigin.Conversation download(int chunks) {
    return device -> {
      readHead(device.getInputStream());
      OutputStream out = device.getOutputStream();
      out.write(head((long) chunks * CHUNK.length));
      write(out, chunks);
    };
  }

  /** Writes content of 64 KiB a chunk. */
  public static void write(OutputStream out, int chunks) throws IOException {
    for (int i = 0; i < chunks; i++) {
      out.write(CHUNK);
    }
  }

  public static byte[] head(long length) {
    return ("HTTP/1.0 200 OK\r\nContent-Length: " + length + "\r\nConnection: close\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** What the origin answers in {@link #agreement}. */
  public static String answer(String serverName) {
    return "origin: TLSv1.2 " + SUITE + " " + serverName + ".";
  }

  public static String readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0; next = in.read()) {
      head.write(next);
      if (next == '\n' && head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
        break;
      }
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String agreed(SSLSocket device) {
    var session = (ExtendedSSLSession) device.getSession();
    List<SNIServerName> names = session.getRequestedServerNames();
    String name =
        names.isEmpty() ? "" : new String(names.get(0).getEncoded(), StandardCharsets.US_ASCII);
    return "origin: " + session.getProtocol() + " " + session.getCipherSuite() + " " + name + ".";
  }

  private static void reply(SSLSocket device, String line) throws IOException {
    byte[] content = (line + "\n").getBytes(StandardCharsets.US_ASCII);
    OutputStream out = device.getOutputStream();
    out.write(head(content.length));
    out.write(content);
  }
}
