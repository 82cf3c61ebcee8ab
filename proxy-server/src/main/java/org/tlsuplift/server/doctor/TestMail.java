package org.tlsuplift.server.doctor;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.inventory.TestDevice;

/**
 * Sends one message through a listener of the running daemon, as a device does.
 *
 * <p>It offers TLS 1.2 with suites that Microsoft 365 does not accept, if this Java runtime has
 * them: the daemon then bridges the session and never tunnels it. It trusts only the certificates
 * of the listener, so a tunnelled session fails and is explained. All methods block.
 */
public final class TestMail {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int MAX_LINE = 4096;
  private static final int MAX_LINES = 100;

  private TestMail() {}

  /**
   * The listener.
   *
   * @param implicitTls whether TLS starts at once, instead of with STARTTLS
   * @param modern whether the listener accepts modern suites only
   * @param serverName for SNI and the check of the certificate
   * @param trusted the certificates that the device trusts
   */
  public record Listener(
      InetSocketAddress address,
      boolean implicitTls,
      boolean modern,
      String serverName,
      List<X509Certificate> trusted) {
    public Listener {
      trusted = List.copyOf(trusted);
    }
  }

  /**
   * The message.
   *
   * @param login null if the device does not sign in
   * @param password null if the device does not sign in
   */
  public record Letter(String from, String to, @Nullable String login, @Nullable String password) {
    /** Refuses addresses that would end their SMTP command and begin another one. */
    public Letter {
      for (String each : List.of(from, to)) {
        if (!isAddress(each)) {
          throw new IllegalArgumentException(
              "to, from: got " + ShortText.quoted(each) + "; expected a mail address");
        }
      }
    }
  }

  /** Whether a text is an address that fits between the brackets of an SMTP command. */
  public static boolean isAddress(String text) {
    return text.matches("[^\\s\\p{Cntrl}<>@]+@[^\\s\\p{Cntrl}<>@]+");
  }

  /**
   * What became of it.
   *
   * @param device the address from which it was sent
   * @param tls the version and the suite
   * @param accepted whether the final reply is 2xx
   * @param step the step of the dialogue that decided
   * @param reply the last line of the reply to it
   */
  public record Outcome(
      InetAddress device, String tls, boolean accepted, String step, String reply) {}

  /** Gets each step that succeeded. */
  public interface Progress {
    /**
     * @param seen the reply, or what was agreed
     */
    void succeeded(String step, String seen);
  }

  /**
   * Sends the message, and waits for the final reply.
   *
   * @throws OperatorException if there is no final reply; the message has the remedy
   */
  public static Outcome send(Listener listener, Letter letter, Progress progress)
      throws OperatorException {
    String step = "connection to " + listener.address();
    try (Socket socket = new Socket()) {
      socket.connect(listener.address(), (int) TIMEOUT.toMillis());
      socket.setSoTimeout((int) TIMEOUT.toMillis());
      progress.succeeded("connection", "to " + listener.address());
      step = "greeting";
      if (!listener.implicitTls()) {
        Dialogue plain = new Dialogue(socket);
        plain.expect(2, "");
        step = "STARTTLS";
        plain.expect(2, "EHLO " + TestDevice.NAME);
        plain.expect(2, "STARTTLS");
        progress.succeeded(step, "offered and used");
      }
      step = "TLS handshake";
      try (SSLSocket tls = handshake(socket, listener)) {
        step = "dialogue";
        String agreed = tls.getSession().getProtocol() + ", " + tls.getSession().getCipherSuite();
        progress.succeeded("TLS", agreed);
        return new Dialogue(tls)
            .send(listener.implicitTls(), letter, tls.getLocalAddress(), agreed, progress);
      }
    } catch (SSLException failed) {
      throw new OperatorException(
          "%s: %s; check that the daemon runs with this configuration. If the listener tunnels modern devices, set 'whenModern: bridge' for the test"
              .formatted(step, failed.getMessage()),
          failed);
    } catch (IOException | GeneralSecurityException failed) {
      throw new OperatorException(
          "%s: %s; check that the daemon runs with this configuration, and that 'devices.allow' and 'devices' of the listener admit this machine"
              .formatted(step, failed.getMessage()),
          failed);
    }
  }

  private static SSLSocket handshake(Socket socket, Listener listener)
      throws IOException, GeneralSecurityException {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store(listener.trusted()));
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    SSLSocket tls =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(socket, listener.serverName(), listener.address().getPort(), true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.2"});
    List<String> suites = listener.modern() ? TestDevice.MODERN_SUITES : TestDevice.SUITES;
    String[] known =
        Arrays.stream(parameters.getCipherSuites()).filter(suites::contains).toArray(String[]::new);
    // A runtime that has disabled them all offers its own.
    parameters.setCipherSuites(known.length == 0 ? parameters.getCipherSuites() : known);
    parameters.setServerNames(List.of(new SNIHostName(listener.serverName())));
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    tls.setSSLParameters(parameters);
    tls.startHandshake();
    return tls;
  }

  private static KeyStore store(List<X509Certificate> trusted)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (X509Certificate each : trusted) {
      store.setCertificateEntry("trusted" + store.size(), each);
    }
    return store;
  }

  /** The device's side of SMTP (RFC 5321). */
  private static final class Dialogue {
    private final InputStream in;
    private final OutputStream out;

    Dialogue(Socket socket) throws IOException {
      in = new BufferedInputStream(socket.getInputStream());
      out = socket.getOutputStream();
    }

    /** Sends the message, and stops at the first command that is refused. */
    Outcome send(
        boolean greeted, Letter letter, InetAddress device, String agreed, Progress progress)
        throws IOException {
      if (greeted) {
        expect(2, "");
      }
      expect(2, "EHLO " + TestDevice.NAME);
      String step = "";
      String reply = "";
      for (Command command : commands(letter)) {
        step = command.name();
        reply = ask(command.line());
        if (reply.charAt(0) - '0' != command.expected()) {
          return new Outcome(device, agreed, false, step, reply);
        }
        progress.succeeded(step, reply);
      }
      ask("QUIT");
      return new Outcome(device, agreed, true, step, reply);
    }

    private record Command(String name, String line, int expected) {}

    private static List<Command> commands(Letter letter) {
      Command mail = new Command("MAIL", "MAIL FROM:<" + letter.from() + ">", 2);
      Command recipient = new Command("RCPT", "RCPT TO:<" + letter.to() + ">", 2);
      Command data = new Command("DATA", "DATA", 3);
      Command content = new Command("end of DATA", content(letter), 2);
      if (letter.login() == null) {
        return List.of(mail, recipient, data, content);
      }
      String plain = "\0" + letter.login() + "\0" + letter.password();
      String proof = Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8));
      return List.of(new Command("AUTH", "AUTH PLAIN " + proof, 2), mail, recipient, data, content);
    }

    private static String content(Letter letter) {
      return String.join(
          "\r\n",
          "From: <" + letter.from() + ">",
          "To: <" + letter.to() + ">",
          "Subject: Test message of TLS Uplift",
          "Date: "
              + DateTimeFormatter.RFC_1123_DATE_TIME.format(Instant.now().atZone(ZoneOffset.UTC)),
          "Message-ID: <" + UUID.randomUUID() + "@" + TestDevice.NAME + ">",
          "MIME-Version: 1.0",
          "Content-Type: text/plain; charset=us-ascii",
          "Auto-Submitted: auto-generated",
          "",
          "'tls-uplift doctor --send-to' sent this message by the path of a device.",
          ".");
    }

    void expect(int first, String line) throws IOException {
      String reply = ask(line);
      if (reply.charAt(0) - '0' != first) {
        throw new IOException("the reply is '" + reply + "'");
      }
    }

    /** Sends a line, unless it is empty, and returns the last line of the reply. */
    private String ask(String line) throws IOException {
      if (!line.isEmpty()) {
        out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
      for (int i = 0; i < MAX_LINES; i++) {
        String reply = readLine();
        if (!reply.matches("[2-5][0-9][0-9]([ -].*)?")) {
          throw new IOException("the reply is not SMTP");
        }
        if (reply.length() == 3 || reply.charAt(3) == ' ') {
          return reply;
        }
      }
      throw new IOException("the reply has more than " + MAX_LINES + " lines");
    }

    private String readLine() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int next = in.read(); next != '\n'; next = in.read()) {
        if (next < 0) {
          throw new IOException("the connection was closed");
        }
        if (line.size() == MAX_LINE) {
          throw new IOException("the reply has a line of more than " + MAX_LINE + " bytes");
        }
        line.write(next);
      }
      return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }
  }
}
