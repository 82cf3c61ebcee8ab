package org.tlsuplift.server.config.load;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.negotiate.Redirection;
import org.tlsuplift.proxy.negotiate.SocksUsers;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.ServerNameMismatch;
import org.tlsuplift.server.config.BindAddress;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/** Reads one listener, and refuses the keys that its way of accepting does not use. */
final class ListenerReader {
  private static final String NAME =
      "1 to 32 letters, digits, - and _, beginning with a letter or digit";
  private static final Words<ListenerConfig.Accept> ACCEPT =
      Words.of(ListenerConfig.Accept.values());
  private static final Words<ListenerConfig.Profile> PROFILE =
      Words.of(ListenerConfig.Profile.values());
  private static final Words<ServerNameMismatch> MISMATCH =
      Words.of(List.of(ServerNameMismatch.values()), ServerNameMismatch::label);
  private static final String ORIGIN = "host:port, such as outlook.office365.com:443";

  private ListenerReader() {}

  static ListenerConfig read(Section section) {
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
            profile,
            serverNames,
            section.word("serverNameMismatch", MISMATCH).orElse(accept.mismatch()),
            section.word("whenModern", ConfigReader.WHEN_MODERN).orElse(null),
            antique.devices(),
            antique.until(),
            antique.certificate());
    section.end();
    return listener;
  }

  private static @Nullable HostPort origin(Section section, ListenerConfig.Accept accept) {
    if (section.clean("accept")) {
      switch (accept) {
        case FIXED -> {
          if (!section.has("origin")) {
            section.missing("origin", ORIGIN, "a fixed listener leads to one origin");
          }
        }
        case HTTP_CONNECT, SOCKS -> {
          section.refuse(
              "origin", "the device names its destination; for one origin write 'accept: fixed'");
          section.refuse(
              "serverNames", "the certificate carries the name that the device asks for");
        }
        case TRANSPARENT -> {
          section.refuse(
              "origin",
              "the device's own destination counts, which the packet filter leaves us; for one"
                  + " origin write 'accept: fixed'");
          section.refuse("serverNames", "the certificate carries the names of the destination");
        }
      }
    }
    return section.value("origin", ORIGIN, ListenerReader::hostPort).orElse(null);
  }

  private static HostPort hostPort(String text) {
    return HostPort.parse(text)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    text.contains("://") ? "write host and port without the scheme" : ""));
  }

  private static String name(String text) {
    if (!text.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,31}")) {
      throw new IllegalArgumentException("it becomes a label of the metrics");
    }
    return text;
  }

  static String serverName(String text) {
    String name = HostPort.normalise(text);
    if (!HostPort.isHostName(name) && !HostPort.isAddressLiteral(name)) {
      throw new IllegalArgumentException(
          text.contains("*")
              ? "old devices do not understand * in certificates; write each name"
              : name.contains(":") ? "a name has no port here" : "");
    }
    return name;
  }

  /** Reads who sends PROXY headers to a listener. */
  static final class ProxyProtocolReader {
    private static final Words<ListenerConfig.ProxyHeader> HEADER =
        Words.of(ListenerConfig.ProxyHeader.values())
            .refusing(
                "give devices that send none a listener of their own; without a header, leave"
                    + " 'proxyProtocol' out",
                "optional",
                "allowed",
                "none",
                "off");

    private static final String FROM = "address blocks of load balancers, such as 192.168.1.2";

    private ProxyProtocolReader() {}

    /** The section, or null when it is not there. */
    static ListenerConfig.@Nullable ProxyProtocol read(Section listener) {
      Section section = listener.section("proxyProtocol");
      if (!listener.has("proxyProtocol")) {
        return null;
      }
      ListenerConfig.ProxyHeader accept =
          section.requiredWord("accept", HEADER).orElse(ListenerConfig.ProxyHeader.REQUIRED);
      if (!section.has("from")) {
        section.missing("from", FROM, "whoever sends a header can say that he is any device");
      }
      List<Cidr> from = section.list("from", FROM, Cidr::parse);
      section.end();
      return new ListenerConfig.ProxyProtocol(accept, from);
    }
  }

  /** Reads how devices are redirected to a transparent listener. */
  static final class TransparentReader {
    private static final Words<Redirection> RULE =
        Words.of(List.of(Redirection.redirect(), Redirection.tproxy()), Redirection::label);

    private TransparentReader() {}

    /** The rule, or null where no device is redirected. */
    static @Nullable Redirection read(Section listener, ListenerConfig.Accept accept) {
      if (accept != ListenerConfig.Accept.TRANSPARENT) {
        if (listener.clean("accept")) {
          listener.refuse("transparent", "devices are redirected to 'accept: transparent' only");
        }
        return null;
      }
      listener.refuse(
          "proxyProtocol",
          "whoever sends PROXY headers was not redirected but connects to this proxy; give it a"
              + " listener of its own");
      return listener.word("transparent", RULE).orElse(Redirection.redirect());
    }
  }

  /** Reads who may use a SOCKS listener. */
  static final class UsersReader {
    private UsersReader() {}

    static List<ListenerConfig.User> read(Section listener, ListenerConfig.Accept accept) {
      if (accept != ListenerConfig.Accept.SOCKS && listener.clean("accept")) {
        listener.refuse("users", "they sign in by SOCKS 5; it is for 'accept: socks'");
        return List.of();
      }
      List<ListenerConfig.User> users = new ArrayList<>();
      for (Section section : listener.sections("users")) {
        Optional<String> name =
            section.required("name", ListenerConfig.User.ALLOWED, UsersReader::name);
        Optional<Path> passwordFile = section.required("passwordFile", ConfigReader.PATH, Path::of);
        if (name.isPresent() && users.stream().anyMatch(user -> user.name().equals(name.get()))) {
          section.contradiction("name", "a name of its own", "another user has the same name");
        }
        if (name.isPresent() && passwordFile.isPresent()) {
          users.add(new ListenerConfig.User(name.get(), passwordFile.get()));
        }
        section.end();
      }
      return users;
    }

    private static String name(String text) {
      if (!SocksUsers.isUsable(text)) {
        throw new IllegalArgumentException("SOCKS names no encoding for other characters");
      }
      return text;
    }
  }
}
