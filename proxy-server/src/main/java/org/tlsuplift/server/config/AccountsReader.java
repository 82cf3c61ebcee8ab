package org.tlsuplift.server.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.binding.Form;
import org.tlsuplift.server.config.binding.Forms;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.mail.MailAddresses;

/** Creates accounts from the command line. */
public final class AccountsReader {
  private AccountsReader() {}

  /**
   * Creates an account from the command line.
   *
   * @throws IllegalArgumentException with the invalid part, in one line
   */
  public static SignInConfig.Account of(
      @Nullable String login,
      @Nullable String passwordHash,
      List<String> devices,
      String mailbox,
      @Nullable String tenant,
      SignInConfig.@Nullable Upstream upstream,
      List<String> allowedSenders) {
    return new SignInConfig.Account(
        login == null ? null : understood("login", login, new SignInConfig.Login(), ""),
        passwordHash,
        devices.stream()
            .map(text -> understood("--device", text, new Forms.Block(), SignInConfig.DEVICES))
            .toList(),
        understood("--mailbox", mailbox, new MailAddresses.Mailbox(), ""),
        tenant,
        upstream,
        allowedSenders.stream()
            .map(text -> understood("--allowed-sender", text, new MailAddresses.Sender(), ""))
            .toList(),
        false,
        SignInConfig.SendBy.SMTP);
  }

  /**
   * Creates the password sign-in of an account from the command line.
   *
   * @param user null for the mailbox
   * @throws IllegalArgumentException with the invalid part, in one line
   */
  public static SignInConfig.Upstream upstream(
      String origin, @Nullable String user, String mailbox, Path passwordFile) {
    return new SignInConfig.Upstream(
        understood("--upstream-origin", origin, new Forms.Address(), SignInConfig.ORIGIN),
        understood("--upstream-user", user == null ? mailbox : user, new SignInConfig.User(), ""),
        passwordFile);
  }

  private static <T> T understood(String what, String text, Form<T> form, String expected) {
    try {
      return Objects.requireNonNull(form.parse(text));
    } catch (IllegalArgumentException wrong) {
      String why = String.valueOf(wrong.getMessage());
      throw new IllegalArgumentException(
          what
              + ": "
              + Problems.got(text)
              + "; expected "
              + (expected.isEmpty() ? Forms.expected(form) : expected)
              + (why.isEmpty() ? "" : "; " + why),
          wrong);
    }
  }
}
