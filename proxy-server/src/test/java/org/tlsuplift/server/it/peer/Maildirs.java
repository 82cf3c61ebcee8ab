package org.tlsuplift.server.it.peer;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.server.it.lab.Account;

/** The mailboxes of a Dovecot, as directories that Postfix, Dovecot and the test share. */
public final class Maildirs {
  private Maildirs() {}

  /** Where they are in the folder of a Dovecot. */
  static Path in(Path folder) {
    return folder.resolve("mail");
  }

  /** Makes the place that all of them are in. */
  static void create(Path folder) {
    try {
      own(Files.createDirectory(in(folder)));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Puts a letter into a new mailbox, as if it had been delivered. */
  static void put(Path mails, Account account, Letter letter) {
    try {
      Path box = own(Files.createDirectory(mails.resolve(account.address())));
      own(Files.createDirectory(box.resolve("tmp")));
      own(Files.createDirectory(box.resolve("cur")));
      Path fresh = own(Files.createDirectory(box.resolve("new")));
      own(
          Files.writeString(
              fresh.resolve("1." + letter.marker()), letter.content(), StandardCharsets.UTF_8));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Waits for the only mail of an account. */
  static Path awaitMail(Path mails, Account account) {
    return awaitMails(mails, account).get(0);
  }

  /** Waits for at least one mail of an account. */
  static List<Path> awaitMails(Path mails, Account account) {
    return await("mail for " + account.address())
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> mails(mails.resolve(account.address())), found -> !found.isEmpty());
  }

  /** The files of a Maildir, read or not. */
  public static List<Path> mails(Path box) {
    return Stream.of("new", "cur")
        .map(box::resolve)
        .filter(Files::isDirectory)
        .flatMap(Maildirs::files)
        .toList();
  }

  private static Stream<Path> files(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList().stream();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private static Path own(Path path) throws IOException {
    UserPrincipalLookupService users = FileSystems.getDefault().getUserPrincipalLookupService();
    return Files.setOwner(path, users.lookupPrincipalByName("mail"));
  }
}
