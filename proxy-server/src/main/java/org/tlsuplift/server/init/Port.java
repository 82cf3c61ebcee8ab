package org.tlsuplift.server.init;

import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.server.microsoft365.Cloud;

/** The listeners that {@code init} can write, in the order of the file; labels are names. */
enum Port implements Labelled.WithDashes {
  WEB(
      3128,
      "http-connect",
      null,
      null,
      "For devices with a setting for an HTTP or HTTPS proxy.",
      "HTTP or HTTPS proxy"),
  SOCKS(1080, "socks", null, null, "For devices with a setting for a SOCKS proxy.", "SOCKS proxy"),
  OUTLOOK(
      8443,
      "fixed",
      443,
      null,
      "For devices with a setting for a server name and a port.",
      "Instead of %s"),
  SUBMISSION(
      2587,
      "smtp",
      587,
      "starttls",
      "For printers that send mail with STARTTLS.",
      "Mail server (SMTP), encryption STARTTLS"),
  SMTPS(
      2465,
      "smtp",
      587,
      "implicit",
      "For printers that send mail with SSL/TLS.",
      "Mail server (SMTP), encryption SSL/TLS"),
  IMAPS(
      2993,
      "imap",
      993,
      null,
      "For programs that read mail by IMAP.",
      "Mailbox server (IMAP), encryption SSL/TLS"),
  POP3S(
      2995,
      "pop3",
      995,
      null,
      "For programs that read mail by POP3.",
      "Mailbox server (POP3), encryption SSL/TLS"),
  DIRECT_SEND(
      2525,
      "smtp",
      null,
      "optional",
      "For printers that send mail without a sign-in, with STARTTLS or SSL/TLS.",
      "Mail server (SMTP) without user and password, encryption STARTTLS or SSL/TLS"),
  REDIRECTED(
      8444,
      "transparent",
      null,
      null,
      "For devices that nftables redirects here: tls-uplift manual redirected-devices",
      "Redirected devices: nothing; nftables redirects them to port"),
  ANTIQUE_WEB(
      3129,
      "http-connect",
      null,
      null,
      "For antique devices with a setting for an HTTP or HTTPS proxy.",
      "Antique device, HTTP or HTTPS proxy"),
  ANTIQUE_OUTLOOK(
      8445,
      "fixed",
      443,
      null,
      "For antique devices with a setting for a server name and a port.",
      "Antique device, instead of %s"),
  ANTIQUE_MAIL(
      2588,
      "smtp",
      587,
      "optional",
      "For antique printers that send mail, with STARTTLS or SSL/TLS.",
      "Antique device, mail server (SMTP), encryption STARTTLS or SSL/TLS"),
  ANTIQUE_DIRECT_SEND(
      2526,
      "smtp",
      null,
      "optional",
      "For antique printers that send mail without a sign-in, with STARTTLS or SSL/TLS.",
      "Antique device, mail server (SMTP) without user and password, encryption STARTTLS or"
          + " SSL/TLS");

  private static final Set<String> MAIL = Set.of("smtp", "imap", "pop3");

  final int number;
  private final String kind;
  private final @Nullable Integer originPort;

  /** The value of {@code downstreamTls}; null for the default. */
  final @Nullable String downstreamTls;

  /** The devices that the port is for, as a sentence. */
  final String purpose;

  private final String setting;

  Port(
      int number,
      String kind,
      @Nullable Integer originPort,
      @Nullable String downstreamTls,
      String purpose,
      String setting) {
    this.number = number;
    this.kind = kind;
    this.originPort = originPort;
    this.downstreamTls = downstreamTls;
    this.purpose = purpose;
    this.setting = setting;
  }

  /** The ports for these choices. Antique listeners have the same kinds as the others. */
  static Set<Port> of(Choices choices) {
    EnumSet<Port> ports = EnumSet.noneOf(Port.class);
    EnumSet<Port> antique = EnumSet.noneOf(Port.class);
    for (WayIn way : choices.ways()) {
      switch (way) {
        case PROXY -> {
          ports.add(WEB);
          antique.add(ANTIQUE_WEB);
        }
        case HTTPS -> {
          ports.add(OUTLOOK);
          antique.add(ANTIQUE_OUTLOOK);
        }
        case SCAN_TO_MAIL, SIGN_IN -> {
          ports.addAll(EnumSet.of(SUBMISSION, SMTPS));
          antique.add(ANTIQUE_MAIL);
        }
        case DIRECT_SEND -> {
          ports.add(DIRECT_SEND);
          antique.add(ANTIQUE_DIRECT_SEND);
        }
        case MAILBOXES -> ports.addAll(EnumSet.of(IMAPS, POP3S));
        case SOCKS -> ports.add(SOCKS);
        case TRANSPARENT -> ports.add(REDIRECTED);
        case ANTIQUE -> {}
      }
    }
    if (choices.has(WayIn.ANTIQUE)) {
      ports.addAll(antique.isEmpty() ? EnumSet.of(ANTIQUE_WEB, ANTIQUE_MAIL) : antique);
    }
    return ports;
  }

  /** The value of {@code accept}. */
  String accept() {
    return isMail() ? "fixed" : kind;
  }

  /** The origin to which the port leads; null if the device names its destination. */
  @Nullable HostPort origin(Choices choices) {
    if (isDirectSend()) {
      return Objects.requireNonNull(choices.directSend()).origin();
    }
    return originPort == null ? null : new HostPort(host(choices.cloud()), originPort);
  }

  private String host(Cloud cloud) {
    return kind.equals("smtp") ? cloud.smtpHost() : cloud.mailboxHost();
  }

  /** The name of the setting in a device. */
  String setting(Choices choices) {
    return setting.formatted(host(choices.cloud()));
  }

  /** The value of {@code protocol}. */
  String protocol() {
    return isMail() ? kind : "tls";
  }

  boolean isMail() {
    return MAIL.contains(kind);
  }

  /** Whether devices can send mail here: by SMTP, or to a destination that they name. */
  boolean isForSmtp() {
    return kind.equals("smtp") || !accept().equals("fixed");
  }

  boolean isDirectSend() {
    return this == DIRECT_SEND || this == ANTIQUE_DIRECT_SEND;
  }

  boolean isAntique() {
    return name().startsWith("ANTIQUE");
  }
}
