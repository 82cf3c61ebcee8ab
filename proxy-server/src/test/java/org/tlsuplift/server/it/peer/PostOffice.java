package org.tlsuplift.server.it.peer;

import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;

/** A Postfix and a Dovecot that share the mailboxes: every protocol, in both forms of TLS. */
public final class PostOffice {
  private static final Pattern RECEIVED = Pattern.compile("\\(using (TLSv[0-9.]+) with cipher");

  private final List<MailOrigin> origins;
  private final Dovecot dovecot;
  private final Postfix postfix;
  private final AtomicInteger accounts = new AtomicInteger();

  private PostOffice(List<MailOrigin> origins, Dovecot dovecot, Postfix postfix) {
    this.origins = origins;
    this.dovecot = dovecot;
    this.postfix = postfix;
  }

  /** Starts one that ends with the lab. */
  public static PostOffice start(
      Lab lab,
      Identity identity,
      OriginVersions versions,
      List<MailOrigin> origins,
      PostfixPort... more) {
    return start(lab, identity, versions, Verifier.passwords(), origins, more);
  }

  /** Starts one that knows people by something else than passwords. */
  public static PostOffice start(
      Lab lab,
      Identity identity,
      OriginVersions versions,
      Verifier verifier,
      List<MailOrigin> origins,
      PostfixPort... more) {
    Dovecot dovecot = Dovecot.start(lab, identity, versions, verifier, origins);
    List<PostfixPort> ports = new ArrayList<>(Arrays.asList(more));
    origins.stream()
        .filter(each -> each.mail() == Mail.SMTP)
        .map(PostfixPort::submission)
        .forEach(ports::add);
    Postfix postfix = Postfix.start(lab, dovecot, identity, versions, ports);
    return new PostOffice(origins, dovecot, postfix);
  }

  /** Starts one on free ports. */
  public static PostOffice start(
      Lab lab, Identity identity, OriginVersions versions, PostfixPort... more) {
    return start(lab, identity, versions, MailOrigin.onFreePorts(), more);
  }

  /** Where it listens, apart from what Postfix has more. */
  public List<MailOrigin> origins() {
    return origins;
  }

  public MailOrigin origin(Mail mail, TlsForm form) {
    return origins.stream()
        .filter(each -> each.mail() == mail && each.form() == form)
        .findFirst()
        .orElseThrow();
  }

  /** An account whose mailbox is empty. */
  public Account newAccount() {
    return new Account(Postfix.address(accounts.getAndIncrement()), Dovecot.PASSWORD);
  }

  /** Puts a letter into the mailbox of a new account. */
  public void put(Account account, Letter letter) {
    Maildirs.put(dovecot.mails(), account, letter);
  }

  /** Waits for the only mail of an account. */
  public Path awaitMail(Account account) {
    return Maildirs.awaitMail(dovecot.mails(), account);
  }

  /** Waits until one of the mails of an account is this letter. */
  public void awaitWhole(Account account, Letter letter) {
    await("the letter for " + account.address())
        .until(
            () ->
                Maildirs.awaitMails(dovecot.mails(), account).stream()
                    .anyMatch(mail -> letter.isWholeIn(Letter.read(mail))));
  }

  /** Waits for mail with this word; gives how many an account has. */
  public int awaitMails(Account account, String word) {
    List<Path> mails = Maildirs.awaitMails(dovecot.mails(), account);
    Assertions.assertThat(mails)
        .allSatisfy(mail -> Assertions.assertThat(Letter.read(mail)).contains(word));
    return mails.size();
  }

  /** The version that an origin agreed to in the only session of an account, in its own words. */
  public String awaitVersion(Mail mail, Account account) {
    if (mail != Mail.SMTP) {
      return dovecot.awaitVersion(mail, account);
    }
    String content = Letter.read(awaitMail(account));
    Matcher received = RECEIVED.matcher(content);
    Assertions.assertThat(received.find()).as(content).isTrue();
    return received.group(1);
  }

  /** Whether it has mail for an account. */
  public boolean hasMail(Account account) {
    return !Maildirs.mails(dovecot.mails().resolve(account.address())).isEmpty();
  }

  /** All that both have logged until now. */
  public String log() {
    return postfix.log() + dovecot.log();
  }
}
