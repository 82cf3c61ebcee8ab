package org.tlsuplift.server.init;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.microsoft365.Cloud;

/**
 * What a tenant needs before TLS Uplift can sign in to its mailboxes.
 *
 * @param tenant the tenant's ID or domain
 * @param name the application's name in the tenant
 * @param mailboxes the addresses of the mailboxes; may be empty
 * @param protocols at least one
 * @param certificate the certificate to upload, or null
 * @param known further certificates of this instance, which the application may have
 * @param secret whether the application gets a client secret
 * @param keepAccess those of the mailboxes that devices open by IMAP or POP3
 */
record TenantPlan(
    String tenant,
    Cloud cloud,
    SignInConfig.Flow flow,
    String name,
    List<String> mailboxes,
    Set<MailProtocol> protocols,
    @Nullable X509Certificate certificate,
    List<X509Certificate> known,
    boolean secret,
    List<String> keepAccess) {
  TenantPlan {
    mailboxes = List.copyOf(mailboxes);
    protocols = Set.copyOf(protocols);
    known = List.copyOf(known);
    keepAccess = List.copyOf(keepAccess);
  }
}
