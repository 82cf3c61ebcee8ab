package org.tlsuplift.server.it.signin;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.tlsuplift.proxy.testing.MailOriginServer;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.MailOrigin;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.TlsForm;

/**
 * Exchange Online as published transcripts show it: its greetings, capabilities, sign-in and
 * refusals, in front of a real Postfix and Dovecot, which keep the mail.
 *
 * <p>SMTP starts TLS by STARTTLS, IMAP and POP3 at once; TLS 1.2 and 1.3 only. Thread-safe.
 */
final class ExchangeOnline {
  /** Sessions of one mailbox; more are refused at the end of a message. */
  static final int MAX_SESSIONS = 3;

  /** The sender that no mailbox may send as. */
  static final String BOSS = "boss@" + Account.DOMAIN;

  private static final String[] VERSIONS = {"TLSv1.2", "TLSv1.3"};

  private final PostOffice mails;
  private final String password;
  private final SSLContext serving;
  private final SSLContext trusting;
  private final URI introspection;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<Mail, MailOrigin> origins = new EnumMap<>(Mail.class);
  private final Set<String> closed = ConcurrentHashMap.newKeySet();
  private final Map<String, AtomicInteger> sessions = new ConcurrentHashMap<>();

  private ExchangeOnline(PostOffice mails, TestCa ca, String introspection) {
    this.mails = mails;
    this.password = mails.newAccount().password();
    this.serving = ca.issue("localhost").context();
    this.trusting = trusting(ca.file());
    this.introspection = URI.create(introspection);
  }

  /** Starts one for the applications of this tenant, which ends with the lab. */
  static ExchangeOnline start(Lab lab, CloudTenant tenant) {
    PostOffice mails = PostOffice.start(lab, tenant.ca().issue("localhost"), OriginVersions.MODERN);
    ExchangeOnline exchange =
        new ExchangeOnline(mails, tenant.ca(), tenant.platform().introspectionUrl());
    exchange.listen(
        lab, Mail.SMTP, TlsForm.STARTTLS, talk -> new ExchangeSmtp(exchange, talk).hold());
    exchange.listen(
        lab, Mail.IMAP, TlsForm.IMPLICIT, talk -> new ExchangeImap(exchange, talk).hold());
    exchange.listen(
        lab, Mail.POP3, TlsForm.IMPLICIT, talk -> new ExchangePop3(exchange, talk).hold());
    return exchange;
  }

  private void listen(Lab lab, Mail mail, TlsForm form, MailOriginServer.Script script) {
    MailOriginServer server = lab.add(new MailOriginServer(script));
    int port = server.as("localhost").port();
    origins.put(mail, new MailOrigin(mail, form, new InetSocketAddress(Loopback.V4, port)));
  }

  MailOrigin origin(Mail mail) {
    return Objects.requireNonNull(origins.get(mail));
  }

  /** The servers that keep the mail. */
  PostOffice mails() {
    return mails;
  }

  /** As if IMAP and POP3 were switched off for it. */
  void close(String mailbox) {
    closed.add(mailbox);
  }

  boolean isClosed(String mailbox) {
    return closed.contains(mailbox);
  }

  /** Counts the open SMTP sessions of a mailbox. */
  AtomicInteger sessions(String mailbox) {
    return sessions.computeIfAbsent(mailbox, key -> new AtomicInteger());
  }

  void startTls(MailTalk talk) throws IOException {
    talk.acceptTls(serving, VERSIONS);
  }

  /**
   * The mailbox that a response of XOAUTH2 opens; empty if its token is not valid.
   *
   * @param response base64 of user and token
   */
  String mailbox(String response) throws IOException {
    String[] parts =
        new String(Base64.getDecoder().decode(response), StandardCharsets.UTF_8)
            .split("\u0001", -1);
    String token = parts[1].substring("auth=Bearer ".length());
    HttpRequest question =
        HttpRequest.newBuilder(introspection)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "token=" + URLEncoder.encode(token, StandardCharsets.UTF_8)))
            .build();
    try {
      String answer = http.send(question, HttpResponse.BodyHandlers.ofString()).body();
      return answer.matches("(?s).*\"active\" ?: ?true.*")
          ? parts[0].substring("user=".length())
          : "";
    } catch (InterruptedException ended) {
      throw new IOException(ended);
    }
  }

  /** Connects as a modern program would to a protocol that begins with TLS. */
  MailTalk connect(Mail mail) throws IOException {
    return MailTalk.tls(origin(mail).address(), "localhost", trusting, VERSIONS);
  }

  /** Connects to the server that keeps the mail, with TLS. */
  MailTalk behind(Mail mail) throws IOException {
    return MailTalk.tls(
        mails.origin(mail, TlsForm.IMPLICIT).address(), "localhost", trusting, VERSIONS);
  }

  /** What the server that keeps the mail knows a mailbox by. */
  Account account(String mailbox) {
    return new Account(mailbox, password);
  }

  /** Passes what the server that keeps the mail sends on to a device, until it ends. */
  void passBack(MailTalk behind, MailTalk device) {
    Thread thread =
        new Thread(
            () -> {
              try (device) {
                behind.passOn(device);
              } catch (IOException ended) {
                // The other direction ends too.
              }
            },
            "exchange");
    thread.setDaemon(true);
    thread.start();
  }

  private static SSLContext trusting(Path authority) {
    try (InputStream pem = Files.newInputStream(authority)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
