package org.tlsuplift.server.config.load;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/**
 * The mail keys of a listener, with their defaults.
 *
 * @param downstreamTls null without mail
 * @param upstreamTls null without mail
 * @param allowPlaintext true with {@link DeviceTls#OPTIONAL} only
 */
record MailKeys(
    ListenerConfig.Protocol protocol,
    @Nullable DeviceTls downstreamTls,
    @Nullable OriginTls upstreamTls,
    boolean allowPlaintext,
    boolean signIn) {
  static final MailKeys NO_MAIL =
      new MailKeys(ListenerConfig.Protocol.TLS, null, null, false, false);
  private static final List<String> FORMS =
      List.of("downstreamTls", "upstreamTls", "allowPlaintext", "signIn");
  private static final Words<ListenerConfig.Protocol> PROTOCOL =
      Words.of(ListenerConfig.Protocol.values());
  private static final Words<DeviceTls> DOWNSTREAM = Words.of(DeviceTls.values());
  private static final Words<OriginTls> UPSTREAM =
      Words.of(OriginTls.values())
          .refusing("no setting allows plaintext to an origin", "optional", "none");

  /** Reads the keys, and refuses those without effect. */
  static MailKeys read(Section section, ListenerConfig.Accept accept, @Nullable HostPort origin) {
    if (accept != ListenerConfig.Accept.FIXED && section.clean("accept")) {
      String why =
          "the destination port decides (25, 587, 465, 143, 993, 110 and 995 are mail); write 'accept: fixed' to use one origin";
      section.refuse("protocol", why);
      FORMS.forEach(key -> section.refuse(key, why));
      return NO_MAIL;
    }
    ListenerConfig.Protocol protocol =
        section.word("protocol", PROTOCOL).orElse(ListenerConfig.Protocol.TLS);
    if (protocol == ListenerConfig.Protocol.TLS && section.clean("protocol")) {
      FORMS.forEach(
          key -> section.refuse(key, "it is for mail only; write 'protocol: smtp', imap or pop3"));
      return NO_MAIL;
    }
    OriginTls upstreamTls = section.word("upstreamTls", UPSTREAM).orElse(usualAt(origin));
    DeviceTls downstreamTls = section.word("downstreamTls", DOWNSTREAM).orElse(like(upstreamTls));
    return new MailKeys(
        protocol,
        downstreamTls,
        upstreamTls,
        allowPlaintext(section, downstreamTls),
        section.flag("signIn"));
  }

  private static boolean allowPlaintext(Section section, DeviceTls downstreamTls) {
    boolean allowed = section.flag("allowPlaintext");
    if (allowed && downstreamTls != DeviceTls.OPTIONAL && section.clean("downstreamTls")) {
      section.contradiction(
          "allowPlaintext",
          "false, or true with 'downstreamTls: optional'",
          "downstreamTls is '" + downstreamTls.label() + "', which serves no plaintext");
    }
    return allowed;
  }

  private static OriginTls usualAt(@Nullable HostPort origin) {
    return origin == null
        ? OriginTls.STARTTLS
        : MailService.ofPort(origin.port()).map(MailService::originTls).orElse(OriginTls.STARTTLS);
  }

  private static DeviceTls like(OriginTls upstreamTls) {
    return switch (upstreamTls) {
      case IMPLICIT -> DeviceTls.IMPLICIT;
      case STARTTLS -> DeviceTls.STARTTLS;
    };
  }
}
