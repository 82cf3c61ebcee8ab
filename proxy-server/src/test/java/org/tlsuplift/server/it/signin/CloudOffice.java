package org.tlsuplift.server.it.signin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.peer.MailOrigin;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.PostfixPort;
import org.tlsuplift.server.it.peer.Verifier;
import org.tlsuplift.server.testing.platform.IdentityPlatform;

/**
 * Mailboxes in the cloud: a post office that takes tokens alone, and TLS 1.2 and up alone.
 *
 * @param mails the post office
 * @param closed the mailboxes that no application may open
 */
record CloudOffice(PostOffice mails, Path closed) {
  /** Starts one on free ports for what applications get from this platform. */
  static CloudOffice forApplications(
      Lab lab, Identity identity, IdentityPlatform platform, PostfixPort... more) {
    Path closed = lab.file("closed-mailboxes", "");
    return new CloudOffice(
        PostOffice.start(
            lab,
            identity,
            OriginVersions.MODERN,
            Verifier.applicationTokens(platform.introspectionUrl(), closed),
            MailOrigin.onFreePorts(),
            more),
        closed);
  }

  /** Starts High Volume Email on free ports; its accounts allow all applications. */
  static PostOffice ofHighVolume(Lab lab, Identity identity, IdentityPlatform platform) {
    return PostOffice.start(
        lab,
        identity,
        OriginVersions.MODERN,
        Verifier.applicationTokens(platform.highVolumeUrl(), lab.file("closed-mailboxes", "")),
        MailOrigin.onFreePorts());
  }

  /** Starts one on free ports for what users get from this platform. */
  static PostOffice forUsers(Lab lab, Identity identity, IdentityPlatform platform) {
    return PostOffice.start(
        lab,
        identity,
        OriginVersions.MODERN,
        Verifier.userTokens(platform.introspectionUrl()),
        MailOrigin.onFreePorts());
  }

  /** As if nobody had run {@code Add-MailboxPermission} for it; Dovecot looks once in a second. */
  void close(String mailbox) {
    try {
      Files.writeString(closed, mailbox + "::::::\n", StandardOpenOption.APPEND);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
