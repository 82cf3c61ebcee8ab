package org.tlsuplift.server.config.accounts;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.tlsuplift.proxy.keyfile.FileModes;
import org.tlsuplift.proxy.keyfile.OwnerOnlyFile;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.yaml.InvalidConfigException;

/**
 * Changes a file of accounts: one writer at a time, the file replaced as a whole and of mode 0600.
 * Comments stay where the file is written one key a line. Blocks on the disk and on other writers.
 */
public final class AccountsEditor {
  private final Path file;
  private final List<SignInConfig.Account> configured;

  /**
   * What became of a change.
   *
   * @param accounts how many are in the file now
   * @param commentsKept false when the file had to be written again, without its comments
   */
  public record Changed(int accounts, boolean commentsKept) {
    /** How many there are, as the rest of a sentence. */
    public String thereAre() {
      return switch (accounts) {
        case 0 -> "there is none";
        case 1 -> "there is 1 account";
        default -> "there are " + accounts + " accounts";
      };
    }
  }

  /** What a change makes of the accounts and of the text. */
  private interface Change {
    List<SignInConfig.Account> of(List<SignInConfig.Account> accounts);

    String of(String text);
  }

  /**
   * An editor.
   *
   * @param configured the accounts of the configuration, which must not be in the file too
   */
  public AccountsEditor(Path file, List<SignInConfig.Account> configured) {
    this.file = file;
    this.configured = List.copyOf(configured);
  }

  /**
   * Adds an account.
   *
   * @throws InvalidConfigException when the file has mistakes, or would have with it
   */
  public Changed add(SignInConfig.Account account) throws IOException, InvalidConfigException {
    return change(
        new Change() {
          @Override
          public List<SignInConfig.Account> of(List<SignInConfig.Account> accounts) {
            List<SignInConfig.Account> more = new ArrayList<>(accounts);
            more.add(account);
            return more;
          }

          @Override
          public String of(String text) {
            return AccountsText.with(text, account);
          }
        });
  }

  public Changed remove(Predicate<SignInConfig.Account> meant)
      throws IOException, InvalidConfigException {
    List<SignInConfig.Account> now = AccountsFile.read(file, configured);
    return change(
        new Change() {
          @Override
          public List<SignInConfig.Account> of(List<SignInConfig.Account> accounts) {
            return accounts.stream().filter(meant.negate()).toList();
          }

          @Override
          public String of(String text) {
            String rest = text;
            for (int i = now.size() - 1; i >= 0; i--) {
              if (meant.test(now.get(i))) {
                rest = AccountsText.without(rest, i);
              }
            }
            return rest;
          }
        });
  }

  private Changed change(Change change) throws IOException, InvalidConfigException {
    Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
    try (FileChannel channel = FileModes.open(lockFile, FileModes.Readers.OWNER);
        FileLock lock = channel.lock()) {
      assert lock.isValid();
      String text = Files.exists(file) ? AccountsFile.text(file) : "";
      List<SignInConfig.Account> wanted =
          change.of(
              text.isBlank() ? List.of() : AccountsFile.parse(text, file.toString(), configured));
      // Mistakes of the new account are told by what is written out whole.
      String whole = AccountsText.of(wanted);
      AccountsFile.check(whole, file.toString(), configured);
      String edited = change.of(text);
      boolean kept = says(edited, wanted);
      OwnerOnlyFile.replace(file, (kept ? edited : whole).getBytes(StandardCharsets.UTF_8));
      return new Changed(wanted.size(), kept);
    }
  }

  private boolean says(String text, List<SignInConfig.Account> wanted) {
    try {
      return AccountsFile.parse(text, file.toString(), configured).equals(wanted);
    } catch (InvalidConfigException garbled) {
      return false;
    }
  }
}
