package org.tlsuplift.server.config;

import java.nio.file.Path;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.negotiate.SocksUsers;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.ServerNameMismatch;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.server.config.binding.Checked;
import org.tlsuplift.server.config.binding.Form;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Key.Refused;
import org.tlsuplift.server.config.binding.SchemaRules;
import org.tlsuplift.server.config.binding.Section;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.config.secret.PasswordFile;
import org.tlsuplift.server.spool.SpoolSection;

/**
 * An entry of {@code listeners}: a port for devices.
 *
 * @param name metric label and log field
 * @param bind at least one
 * @param reusePort whether another process may listen there too
 * @param proxyProtocol null if devices connect directly
 * @param mail the rules for messages; null for none
 * @param serverNameMismatch what to do if the device asks for another name than its destination
 * @param whenModern overrides the route's value; null for the route's
 */
@SchemaRules(
    """
    allOf:
      - if: {required: [accept], properties: {accept: {const: fixed}}}
        then:
          required: [origin]
          properties: {transparent: false, users: false}
          if: {properties: {protocol: {const: tls}}}
          then: {properties: {downstreamTls: false, upstreamTls: false, allowPlaintext: false, signIn: false, mail: false}}
          else: {if: {properties: {protocol: {enum: [imap, pop3]}}}, then: {properties: {mail: false}}}
      - if: {required: [accept], properties: {accept: {enum: [http-connect, socks, transparent]}}}
        then:
          properties:
            {origin: false, serverNames: false, protocol: false, downstreamTls: false, upstreamTls: false,
             allowPlaintext: false, signIn: false, mail: {properties: {spool: false}}}
      - if: {required: [accept], properties: {accept: {const: http-connect}}}
        then: {properties: {transparent: false, users: false}}
      - if: {required: [accept], properties: {accept: {const: socks}}}
        then: {properties: {transparent: false}}
      - if: {required: [accept], properties: {accept: {const: transparent}}}
        then: {properties: {users: false, proxyProtocol: false}}
      - if: {required: [profile], properties: {profile: {const: antique}}}
        then: {required: [devices, until]}
        else:
          properties:
            devices: false
            until: false
            certificate:
              anyOf: [{required: [certificate]}, {required: [key]}, {required: [pkcs12]}, {required: [passwordFile]}]
      - if: {required: [allowPlaintext], properties: {allowPlaintext: {const: true}}}
        then: {required: [downstreamTls], properties: {downstreamTls: {const: optional}}}
      - if: {anyOf: [{required: [signIn], properties: {signIn: {const: true}}}, {required: [mail]}]}
        then: {properties: {whenModern: {const: bridge}}}
      - if:
          required: [mail]
          properties:
            mail:
              type: object
              required: [rewriteFrom]
              properties: {rewriteFrom: {type: object, required: [address], properties: {address: {const: mailbox}}}}
        then: {required: [signIn], properties: {signIn: {const: true}}}
    """)
public record ListenerConfig(
    @Key(required = true, form = Label.class) String name,
    @Key(required = true, single = true, form = BindAddress.Text.class) List<BindAddress> bind,
    boolean reusePort,
    @Nullable ProxyProtocol proxyProtocol,
    @Key(inline = true) Access access,
    @Key(inline = true) Service service,
    @Key(inline = true) Tls tls,
    @Key(inline = true) Certificate certificate,
    @Key(schema = "{type: [object, 'null']}") @Nullable MailConfig mail,
    ServerNameMismatch serverNameMismatch,
    @Nullable WhenModern whenModern)
    implements Checked {
  /** Sets the defaults that follow from other keys. */
  public ListenerConfig {
    service = access.isFixed() ? service.leadingTo(access.origin) : Service.TLS_ONLY;
    if (serverNameMismatch == null) {
      serverNameMismatch = access.accept.mismatch();
    }
  }

  /** A copy with the rules for messages of all listeners, if it has none but could. */
  ListenerConfig inheriting(@Nullable MailConfig ofAll) {
    if (mail != null || (access.isFixed() && service.protocol != Protocol.SMTP)) {
      return this;
    }
    return new ListenerConfig(
        name,
        bind,
        reusePort,
        proxyProtocol,
        access,
        service,
        tls,
        certificate,
        ofAll,
        serverNameMismatch,
        whenModern);
  }

  /** The origin of a fixed listener, otherwise null. */
  public @Nullable HostPort origin() {
    return access.origin;
  }

  /** The section {@code mail.spool}, or null. */
  public @Nullable SpoolSection spool() {
    return mail == null ? null : mail.spool();
  }

  /** Whether mail devices sign in here. */
  public boolean signIn() {
    return service.signIn;
  }

  @Override
  public void check(Section section) {
    if (section.clean("accept")) {
      access.check(section);
      mail(section);
    }
    if (section.clean("profile")) {
      tls.check(section);
    }
    if (section.has("certificate")) {
      certificate.check(section, tls.profile == Profile.ANTIQUE);
    }
  }

  private void mail(Section section) {
    List<String> keys = List.of("downstreamTls", "upstreamTls", "allowPlaintext", "signIn");
    if (!access.isFixed()) {
      String why =
          "the destination port decides (25, 587, 465, 143, 993, 110 and 995 are mail); write"
              + " 'accept: fixed' to use one origin";
      section.refuse("protocol", why);
      keys.forEach(key -> section.refuse(key, why));
    } else if (section.clean("protocol")) {
      if (service.protocol == Protocol.TLS) {
        keys.forEach(
            key ->
                section.refuse(key, "it is for mail only; write 'protocol: smtp', imap or pop3"));
      }
      if (service.protocol != Protocol.SMTP) {
        section.refuse("mail", "it has rules for SMTP; write 'protocol: smtp', or remove the key");
      }
    }
    DeviceTls downstreamTls = service.downstreamTls;
    if (service.allowPlaintext
        && downstreamTls != null
        && downstreamTls != DeviceTls.OPTIONAL
        && section.clean("downstreamTls")) {
      section.contradiction(
          "allowPlaintext",
          "false, or true with 'downstreamTls: optional'",
          "downstreamTls is '" + downstreamTls.label() + "', which serves no plaintext");
    }
  }

  /** The name of a listener or tenant, which is a label in metrics. */
  @Form.Rules(
      expected = "1 to 32 letters, digits, - and _; a letter or digit first",
      pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")
  static final class Label implements Form<String> {
    @Override
    public String parse(String text) {
      if (!text.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,31}")) {
        throw new IllegalArgumentException("the name is a label in metrics");
      }
      return text;
    }
  }

  /**
   * PROXY headers, which name the device.
   *
   * @param from the senders, at least one address block
   */
  public record ProxyProtocol(
      @Key(
              required = true,
              refused =
                  @Refused(
                      words = {"optional", "allowed", "none", "off"},
                      why =
                          "remove 'proxyProtocol' if no header is sent; use a second listener for"
                              + " devices that send none"))
          ProxyHeader accept,
      @Key(
              required = true,
              expected = "address blocks of load balancers, such as 192.168.1.2",
              remedy =
                  "list the load balancers: anyone who may send a header can impersonate any"
                      + " device")
          List<Cidr> from) {}

  /** The handling of PROXY headers. */
  public enum ProxyHeader implements Labelled {
    /** Connections without a header are closed. */
    REQUIRED
  }

  /**
   * How devices get here, and where they go.
   *
   * @param transparent the rule that redirects devices, or null
   * @param users of a SOCKS listener; empty admits every device
   * @param origin of a fixed listener, otherwise null
   */
  public record Access(
      @Key(required = true) Accept accept,
      @Nullable Rule transparent,
      List<User> users,
      @Key(expected = "host:port, such as outlook.office365.com:443") @Nullable HostPort origin) {
    /** Keeps what has an effect. Without a rule, the destinations of devices are rewritten. */
    public Access {
      users = accept == Accept.SOCKS ? List.copyOf(users) : List.of();
      if (accept != Accept.TRANSPARENT) {
        transparent = null;
      } else if (transparent == null) {
        transparent = Rule.REDIRECT;
      }
    }

    public boolean isFixed() {
      return accept == Accept.FIXED;
    }

    private void check(Section section) {
      if (accept != Accept.TRANSPARENT) {
        section.refuse(
            "transparent", "only 'accept: transparent' has redirected devices; remove the key");
      }
      if (accept != Accept.SOCKS) {
        section.refuse("users", "users sign in with SOCKS 5; it is for 'accept: socks' only");
      }
      switch (accept) {
        case FIXED -> {
          if (!section.has("origin")) {
            section.missing(
                "origin",
                "host:port, such as outlook.office365.com:443",
                "set the origin: all connections to a fixed listener go there");
          }
        }
        case HTTP_CONNECT, SOCKS -> {
          section.refuse(
              "origin",
              "the device names its destination; write 'accept: fixed' to use one origin");
          section.refuse(
              "serverNames",
              "the certificate has the name that the device requests; remove the key");
          names(section);
        }
        case TRANSPARENT -> {
          section.refuse(
              "origin",
              "the device's own destination is used; write 'accept: fixed' to use one origin");
          section.refuse(
              "serverNames", "the certificate has the names of the destination; remove the key");
          section.refuse(
              "proxyProtocol",
              "senders of PROXY headers connect to the proxy itself and are not redirected; use a"
                  + " second listener for them");
        }
      }
    }

    private void names(Section section) {
      Set<String> taken = new HashSet<>();
      for (int i = 0; i < users.size(); i++) {
        String at = "users[" + i + "].name";
        if (section.clean(at) && !taken.add(users.get(i).name())) {
          section.contradiction(at, "a unique name", "another user has the same name");
        }
      }
    }
  }

  /** The nftables rule that redirects devices. */
  public enum Rule implements Labelled {
    REDIRECT,
    TPROXY
  }

  /**
   * A user of a SOCKS listener.
   *
   * @param name 1 to 255 ASCII characters
   * @param passwordFile its first line is the password
   */
  public record User(
      @Key(required = true, form = SocksName.class, expected = PasswordFile.SOCKS) String name,
      @Key(required = true) Path passwordFile) {}

  /** The name of a SOCKS user. */
  @Form.Rules(pattern = "^[!-~]{1,255}$")
  static final class SocksName implements Form<String> {
    @Override
    public String parse(String text) {
      if (!SocksUsers.isUsable(text)) {
        throw new IllegalArgumentException("SOCKS defines no encoding for other characters");
      }
      return text;
    }
  }

  /**
   * The protocol of a fixed listener. On other listeners, the destination port decides.
   *
   * @param upstreamTls null without mail
   * @param downstreamTls null without mail
   * @param allowPlaintext whether mail devices may continue without TLS
   * @param signIn whether mail devices sign in here
   */
  public record Service(
      @Key(fallback = "tls") Protocol protocol,
      @Key(
              refused =
                  @Refused(
                      words = {"optional", "none"},
                      why = "no setting allows plaintext to an origin"))
          @Nullable OriginTls upstreamTls,
      @Nullable DeviceTls downstreamTls,
      boolean allowPlaintext,
      boolean signIn) {
    private static final Service TLS_ONLY = new Service(Protocol.TLS, null, null, false, false);

    /** A copy with the usual TLS of an origin. */
    private Service leadingTo(@Nullable HostPort origin) {
      if (protocol == Protocol.TLS) {
        return TLS_ONLY;
      }
      OriginTls toOrigin = upstreamTls;
      if (toOrigin == null) {
        toOrigin =
            origin == null
                ? OriginTls.STARTTLS
                : MailService.ofPort(origin.port())
                    .map(MailService::originTls)
                    .orElse(OriginTls.STARTTLS);
      }
      DeviceTls ofDevice = downstreamTls;
      if (ofDevice == null) {
        ofDevice =
            switch (toOrigin) {
              case IMPLICIT -> DeviceTls.IMPLICIT;
              case STARTTLS -> DeviceTls.STARTTLS;
            };
      }
      return new Service(protocol, toOrigin, ofDevice, allowPlaintext, signIn);
    }
  }

  /**
   * The TLS versions for devices.
   *
   * @param devices of an antique listener, otherwise empty
   * @param until the last day of an antique listener, otherwise null
   */
  public record Tls(
      @Key(required = true) Profile profile,
      @Key(expected = SUBNETS) List<Cidr> devices,
      @Key(expected = DAY) @Nullable LocalDate until) {
    private static final String SUBNETS = "the address blocks of the devices, such as 10.1.2.0/28";
    private static final String DAY = "a day, such as 2027-06-30";

    private void check(Section section) {
      if (profile != Profile.ANTIQUE) {
        section.refuse(
            "devices",
            "it is for 'profile: antique' only; use 'devices.allow' for other listeners");
        section.refuse("until", "it is for 'profile: antique' only; remove it");
        return;
      }
      if (!section.has("devices")) {
        section.missing(
            "devices", SUBNETS, "list the devices: an antique listener is too weak for all others");
      }
      if (!section.has("until")) {
        section.missing("until", DAY, "set the last day: the listener stops accepting after it");
      }
    }
  }

  /**
   * The certificate for devices.
   *
   * @param settings null for a certificate from the CA of all listeners
   * @param serverNames for the certificate of a fixed listener, besides the origin's name
   */
  public record Certificate(
      @Key(name = "certificate") @Nullable Settings settings,
      @Key(
              form = ServerName.class,
              expected = "host names and addresses, such as mail.corp.example")
          List<String> serverNames) {
    /** The form of the certificates of an antique listener with its own CA, otherwise null. */
    public @Nullable ListenerCertificate ownCa() {
      return settings == null || settings.files.isSet() ? null : settings.form;
    }

    /** The operator's certificate, otherwise null. */
    public @Nullable KeyFiles files() {
      return settings == null || !settings.files.isSet() ? null : settings.files;
    }

    private void check(Section section, boolean antique) {
      List<String> form = List.of("keyAlgorithm", "signature", "names", "extensions");
      boolean files =
          Stream.of("certificate", "key", "pkcs12", "passwordFile")
              .anyMatch(key -> section.has("certificate." + key));
      if (files) {
        form.forEach(
            key ->
                section.refuse(
                    "certificate." + key,
                    "the certificate in the files has its own; remove the key"));
      } else if (!antique && section.clean("profile")) {
        String remedy = "set 'certificate' and 'key', or 'pkcs12'";
        section.refuse(
            "certificate",
            form.stream().anyMatch(key -> section.has("certificate." + key))
                ? "these keys are for 'profile: antique' only; remove it, or " + remedy
                : remedy + ", below it; or remove it");
      }
    }
  }

  /** The section {@code certificate}: files, or the form of certificates from a CA of its own. */
  @SchemaRules(
      """
      if: {anyOf: [{required: [certificate]}, {required: [key]}, {required: [pkcs12]}, {required: [passwordFile]}]}
      then: {properties: {keyAlgorithm: false, signature: false, names: false, extensions: false}}
      """)
  public record Settings(
      @Key(inline = true) ListenerCertificate form, @Key(inline = true) KeyFiles files) {}

  /** How a device names its destination. */
  public enum Accept implements Labelled.WithDashes {
    /** With the CONNECT method of an HTTP proxy (RFC 9110 section 9.3.6). */
    HTTP_CONNECT,
    /** With the command CONNECT of a SOCKS proxy: version 5 (RFC 1928) or 4a. */
    SOCKS,
    /** It names none: the packet filter redirects its connections. */
    TRANSPARENT,
    /** It names none: the port is for one origin. */
    FIXED;

    /**
     * The default for devices whose ClientHello names another host. Devices reach a fixed listener
     * by names that are not configured, and the operator chose its origin.
     */
    public ServerNameMismatch mismatch() {
      return this == FIXED ? ServerNameMismatch.USE_TARGET : ServerNameMismatch.REFUSE;
    }
  }

  /** The protocol of a fixed listener. */
  public enum Protocol implements Labelled {
    /** Any protocol that begins with TLS. */
    TLS,
    SMTP,
    IMAP,
    POP3
  }

  /** A downstream TLS policy. */
  public enum Profile implements Labelled {
    /** TLS 1.2 and 1.3. */
    MODERN,
    /** TLS 1.0 to 1.3. */
    LEGACY,
    /** SSL 3.0 to TLS 1.3, with broken suites. */
    ANTIQUE
  }
}
