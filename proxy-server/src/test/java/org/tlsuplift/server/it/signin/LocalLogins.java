package org.tlsuplift.server.it.signin;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.peer.Postfix;

/**
 * What devices sign in to the daemon with: everybody has the same password, which no origin knows,
 * and a mailbox that is called otherwise than the login.
 *
 * @param hash the password as {@code htpasswd} keeps it
 */
record LocalLogins(String hash) {
  static final String PASSWORD = "known-to-the-copier-alone";

  /** How far the number of a mailbox is from that of its login. */
  private static final int DISTANCE = 200;

  static LocalLogins create() {
    String line =
        Run.of(List.of(Peers.require("htpasswd"), "-nbB", "-C", "5", "device", PASSWORD))
            .succeeded()
            .output();
    return new LocalLogins(line.strip().replaceFirst("device:", ""));
  }

  /** What a device knows. */
  static Account account(int number) {
    return new Account(Postfix.address(number), PASSWORD);
  }

  /** Which mailbox it is, in truth. */
  static Account mailbox(int number) {
    return new Account(Postfix.address(number + DISTANCE), "");
  }

  /** Lines of settings for the first so many devices. */
  List<String> accounts(int count) {
    return accounts(count, "");
  }

  /** Lines for the first so many devices with further settings, each with a comma in front. */
  List<String> accounts(int count, String more) {
    return new ArrayList<>(
        IntStream.range(0, count).mapToObj(number -> line(number, more)).toList());
  }

  /** A line of settings for one of these devices. */
  String line(int number, String more) {
    return line(account(number).address(), mailbox(number).address(), more);
  }

  /** A line of settings for a device. */
  String line(String login, String mailbox, String more) {
    return "{login: \"%s\", passwordHash: \"%s\", mailbox: \"%s\"%s}"
        .formatted(login, hash, mailbox, more);
  }
}
