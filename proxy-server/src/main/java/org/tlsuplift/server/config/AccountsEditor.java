package org.tlsuplift.server.config;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.OwnerOnlyFile;

/**
 * Changes an accounts file: one writer at a time; the file is replaced atomically with mode 0600.
 * Comments stay if each key has its own line. Blocks on the disk and on other writers.
 */
public final class AccountsEditor {
  private final Path file;
  private final SignInConfig signIn;

  /**
   * The result of a change.
   *
   * @param accounts the number of accounts in the file
   * @param commentsKept false if the file was rewritten without its comments
   */
  public record Changed(int accounts, boolean commentsKept) {
    /** The number of accounts, as the end of a sentence. */
    public String thereAre() {
      return switch (accounts) {
        case 0 -> "there is none";
        case 1 -> "there is 1 account";
        default -> "there are " + accounts + " accounts";
      };
    }
  }

  /** A change to the accounts and to the text. */
  private interface Change {
    List<SignInConfig.Account> of(List<SignInConfig.Account> accounts);

    String of(String text);
  }

  /**
   * @param signIn has the accounts that the file must not repeat, and the tenants
   */
  public AccountsEditor(Path file, SignInConfig signIn) {
    this.file = file;
    this.signIn = signIn;
  }

  /**
   * Adds an account.
   *
   * @throws InvalidConfigException if the file has errors, or would have them with the account
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
    List<SignInConfig.Account> now = AccountsFile.read(file, signIn);
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

  /**
   * Replaces the whole file, if nobody has changed it.
   *
   * @param before the text that is replaced, or null if there was no file
   * @return whether it was replaced
   */
  public boolean replace(@Nullable String before, String after)
      throws IOException, InvalidConfigException {
    return locked(
        () -> {
          String now = Files.exists(file) ? AccountsFile.text(file) : null;
          if (!Objects.equals(now, before)) {
            return false;
          }
          OwnerOnlyFile.replace(file, after.getBytes(StandardCharsets.UTF_8));
          return true;
        });
  }

  private interface Work<T> {
    T run() throws IOException, InvalidConfigException;
  }

  private <T> T locked(Work<T> work) throws IOException, InvalidConfigException {
    Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
    try (FileChannel channel = FileModes.open(lockFile, FileModes.Readers.OWNER);
        FileLock lock = channel.lock()) {
      assert lock.isValid();
      return work.run();
    }
  }

  private Changed change(Change change) throws IOException, InvalidConfigException {
    return locked(
        () -> {
          String text = Files.exists(file) ? AccountsFile.text(file) : "";
          List<SignInConfig.Account> wanted =
              change.of(
                  text.isBlank() ? List.of() : AccountsFile.parse(text, file.toString(), signIn));
          // Checks the new account in the complete text.
          String whole = AccountsText.of(wanted);
          AccountsFile.check(whole, file.toString(), signIn);
          String edited = change.of(text);
          boolean kept = says(edited, wanted);
          OwnerOnlyFile.replace(file, (kept ? edited : whole).getBytes(StandardCharsets.UTF_8));
          return new Changed(wanted.size(), kept);
        });
  }

  private boolean says(String text, List<SignInConfig.Account> wanted) {
    try {
      return AccountsFile.parse(text, file.toString(), signIn).equals(wanted);
    } catch (InvalidConfigException garbled) {
      return false;
    }
  }
}
