package org.tlsuplift.server.it.mail.rules;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.peer.Exim;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.PostfixPort;
import org.tlsuplift.server.it.peer.TlsForm;

/**
 * A mail server that takes mail from everybody, and that falls for hidden mails.
 *
 * @param name postfix or exim
 * @param startTls its address for STARTTLS
 * @param startTlsName the same by name
 * @param implicitName its address for implicit TLS, by name
 * @param credulousLines how the lines of a mail must end, in escapes, so that a dot between bare
 *     LFs ends it
 */
record House(
    String name,
    InetSocketAddress startTls,
    String startTlsName,
    String implicitName,
    String credulousLines,
    Supplier<Account> accounts,
    Function<Account, Path> mails,
    Predicate<Account> mailboxes) {
  static House of(PostOffice office, PostfixPort startTls, PostfixPort implicit) {
    return new House(
        "postfix",
        startTls.address(),
        startTls.byName(),
        implicit.byName(),
        "\\r\\n",
        office::newAccount,
        office::awaitMail,
        office::hasMail);
  }

  static House of(Exim exim) {
    return new House(
        "exim",
        exim.address(TlsForm.STARTTLS),
        exim.byName(TlsForm.STARTTLS),
        exim.byName(TlsForm.IMPLICIT),
        "\\n",
        exim::newAccount,
        exim::awaitMail,
        exim::hasMail);
  }

  Account newAccount() {
    return accounts.get();
  }

  /** Waits for the only mail of an account. */
  String awaitMail(Account account) {
    return Letter.read(mails.apply(account));
  }

  boolean hasMail(Account account) {
    return mailboxes.test(account);
  }

  @Override
  public String toString() {
    return name;
  }
}
