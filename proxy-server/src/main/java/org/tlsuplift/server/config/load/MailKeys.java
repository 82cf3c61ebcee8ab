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
 * What a listener says about mail, and what holds where it says nothing.
 *
 * @param protocol what is spoken with the origin
 * @param downstreamTls how devices come to TLS, null where no mail is spoken
 * @param upstreamTls how the origin comes to TLS, null where no mail is spoken
 * @param allowPlaintext true with {@link DeviceTls#OPTIONAL} only
 * @param signIn whether devices are signed in at the origin
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
          .refusing("nothing leaves in plaintext: there is no setting for it", "optional", "none");

  /** Reads the keys, and refuses those that would have no effect. */
  static MailKeys read(Section section, ListenerConfig.Accept accept, @Nullable HostPort origin) {
    if (accept != ListenerConfig.Accept.FIXED && section.clean("accept")) {
      String why =
          "the port of the device's destination decides: 25, 587, 465, 143, 993, 110 and 995 are"
              + " mail; for one origin write 'accept: fixed'";
      section.refuse("protocol", why);
      FORMS.forEach(key -> section.refuse(key, why));
      return NO_MAIL;
    }
    ListenerConfig.Protocol protocol =
        section.word("protocol", PROTOCOL).orElse(ListenerConfig.Protocol.TLS);
    if (protocol == ListenerConfig.Protocol.TLS && section.clean("protocol")) {
      FORMS.forEach(
          key -> section.refuse(key, "it is for mail; write 'protocol: smtp', imap or pop3"));
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
          "downstreamTls is '" + downstreamTls.label() + "', by which every device encrypts");
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
