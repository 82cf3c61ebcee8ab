package org.tlsuplift.server.config.load;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.policy.MailPolicy;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.negotiate.Redirection;
import org.tlsuplift.proxy.negotiate.SocksUsers;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.ServerNameMismatch;
import org.tlsuplift.server.config.BindAddress;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.yaml.FilePath;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/** Reads one listener, and refuses keys that have no effect with its {@code accept}. */
final class ListenerReader {
  private static final String NAME = "1 to 32 letters, digits, - and _; a letter or digit first";
  private static final Words<ListenerConfig.Accept> ACCEPT =
      Words.of(ListenerConfig.Accept.values());
  private static final Words<ListenerConfig.Profile> PROFILE =
      Words.of(ListenerConfig.Profile.values());
  private static final Words<ServerNameMismatch> MISMATCH =
      Words.of(List.of(ServerNameMismatch.values()), ServerNameMismatch::label);
  private static final String ORIGIN = "host:port, such as outlook.office365.com:443";

  private ListenerReader() {}

  /**
   * Reads a listener.
   *
   * @param ofAll the rules for messages of listeners without their own
   */
  static ListenerConfig read(Section section, @Nullable MailPolicy ofAll) {
    String name = section.required("name", NAME, ListenerReader::name).orElse("");
    if (!section.has("bind")) {
      section.missing("bind", ConfigReader.BIND, "");
    }
    List<BindAddress> bind = section.oneOrMore("bind", ConfigReader.BIND, BindAddress::parse);
    boolean reusePort = section.flag("reusePort");
    ListenerConfig.ProxyProtocol proxyProtocol = ProxyProtocolReader.read(section);
    ListenerConfig.Accept accept =
        section.requiredWord("accept", ACCEPT).orElse(ListenerConfig.Accept.HTTP_CONNECT);
    Redirection transparent = TransparentReader.read(section, accept);
    List<ListenerConfig.User> users = UsersReader.read(section, accept);
    HostPort origin = origin(section, accept);
    MailKeys mail = MailKeys.read(section, accept, origin);
    ListenerConfig.Profile profile =
        section.requiredWord("profile", PROFILE).orElse(ListenerConfig.Profile.MODERN);
    AntiqueKeys antique = AntiqueKeys.read(section, profile);
    ListenerCertificateKeys certificate = ListenerCertificateKeys.read(section, profile);
    List<String> serverNames =
        section.list(
            "serverNames",
            "host names and addresses, such as mail.corp.example",
            ListenerReader::serverName);
    ListenerConfig listener =
        new ListenerConfig(
            name,
            bind,
            reusePort,
            proxyProtocol,
            accept,
            transparent,
            users,
            origin,
            mail.protocol(),
            mail.downstreamTls(),
            mail.upstreamTls(),
            mail.allowPlaintext(),
            mail.signIn(),
            MailPolicyReader.read(section, accept, mail.protocol(), ofAll),
            profile,
            serverNames,
            section.word("serverNameMismatch", MISMATCH).orElse(accept.mismatch()),
            section.word("whenModern", ConfigReader.WHEN_MODERN).orElse(null),
            antique.devices(),
            antique.until(),
            certificate.form(),
            certificate.files());
    section.end();
    return listener;
  }

  private static @Nullable HostPort origin(Section section, ListenerConfig.Accept accept) {
    if (section.clean("accept")) {
      switch (accept) {
        case FIXED -> {
          if (!section.has("origin")) {
            section.missing(
                "origin", ORIGIN, "set the origin: all connections to a fixed listener go there");
          }
        }
        case HTTP_CONNECT, SOCKS -> {
          section.refuse(
              "origin",
              "the device names its destination; write 'accept: fixed' to use one origin");
          section.refuse(
              "serverNames",
              "the certificate has the name that the device requests; remove the key");
        }
        case TRANSPARENT -> {
          section.refuse(
              "origin",
              "the device's own destination is used; write 'accept: fixed' to use one origin");
          section.refuse(
              "serverNames", "the certificate has the names of the destination; remove the key");
        }
      }
    }
    return section.value("origin", ORIGIN, ListenerReader::hostPort).orElse(null);
  }

  private static HostPort hostPort(String text) {
    return HostPort.parse(text)
        .orElseThrow(
            () -> new IllegalArgumentException(text.contains("://") ? "remove the scheme" : ""));
  }

  static String name(String text) {
    if (!text.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,31}")) {
      throw new IllegalArgumentException("the name is a label in metrics");
    }
    return text;
  }

  static String serverName(String text) {
    String name = HostPort.normalise(text);
    if (!HostPort.isHostName(name) && !HostPort.isAddressLiteral(name)) {
      throw new IllegalArgumentException(
          text.contains("*")
              ? "old devices do not support * in certificates; list each name"
              : name.contains(":") ? "remove the port" : "");
    }
    return name;
  }

  /** Reads {@code proxyProtocol}. */
  static final class ProxyProtocolReader {
    private static final Words<ListenerConfig.ProxyHeader> HEADER =
        Words.of(ListenerConfig.ProxyHeader.values())
            .refusing(
                "remove 'proxyProtocol' if no header is sent; use a second listener for devices"
                    + " that send none",
                "optional",
                "allowed",
                "none",
                "off");

    private static final String FROM = "address blocks of load balancers, such as 192.168.1.2";

    private ProxyProtocolReader() {}

    /** Null without the section. */
    static ListenerConfig.@Nullable ProxyProtocol read(Section listener) {
      Section section = listener.section("proxyProtocol");
      if (!listener.has("proxyProtocol")) {
        return null;
      }
      ListenerConfig.ProxyHeader accept =
          section.requiredWord("accept", HEADER).orElse(ListenerConfig.ProxyHeader.REQUIRED);
      if (!section.has("from")) {
        section.missing(
            "from",
            FROM,
            "list the load balancers: anyone who may send a header can impersonate any device");
      }
      List<Cidr> from = section.list("from", FROM, Cidr::parse);
      section.end();
      return new ListenerConfig.ProxyProtocol(accept, from);
    }
  }

  /** Reads {@code transparent}. */
  static final class TransparentReader {
    private static final Words<Redirection> RULE =
        Words.of(List.of(Redirection.redirect(), Redirection.tproxy()), Redirection::label);

    private TransparentReader() {}

    /** Null for other listeners. */
    static @Nullable Redirection read(Section listener, ListenerConfig.Accept accept) {
      if (accept != ListenerConfig.Accept.TRANSPARENT) {
        if (listener.clean("accept")) {
          listener.refuse(
              "transparent", "only 'accept: transparent' has redirected devices; remove the key");
        }
        return null;
      }
      listener.refuse(
          "proxyProtocol",
          "senders of PROXY headers connect to the proxy itself and are not redirected; use a"
              + " second listener for them");
      return listener.word("transparent", RULE).orElse(Redirection.redirect());
    }
  }

  /** Reads {@code users} of a SOCKS listener. */
  static final class UsersReader {
    private UsersReader() {}

    static List<ListenerConfig.User> read(Section listener, ListenerConfig.Accept accept) {
      if (accept != ListenerConfig.Accept.SOCKS && listener.clean("accept")) {
        listener.refuse("users", "users sign in with SOCKS 5; it is for 'accept: socks' only");
        return List.of();
      }
      List<ListenerConfig.User> users = new ArrayList<>();
      for (Section section : listener.sections("users")) {
        Optional<String> name =
            section.required("name", ListenerConfig.User.ALLOWED, UsersReader::name);
        Optional<Path> passwordFile =
            section.required("passwordFile", ConfigReader.PATH, FilePath::of);
        if (name.isPresent() && users.stream().anyMatch(user -> user.name().equals(name.get()))) {
          section.contradiction("name", "a unique name", "another user has the same name");
        }
        if (name.isPresent() && passwordFile.isPresent()) {
          users.add(new ListenerConfig.User(name.get(), passwordFile.get()));
        }
        section.end();
      }
      return users;
    }

    static String name(String text) {
      if (!SocksUsers.isUsable(text)) {
        throw new IllegalArgumentException("SOCKS defines no encoding for other characters");
      }
      return text;
    }
  }
}
