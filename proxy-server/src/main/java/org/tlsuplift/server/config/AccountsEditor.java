package org.tlsuplift.server.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.LockFile;
import org.tlsuplift.server.process.OwnerOnlyFile;

/**
 * Changes an accounts file: one writer at a time; the file is replaced atomically with mode 0600.
 * Comments stay if each key has its own line. Blocks on the disk and on other writers.
 *
 * @param signIn has the accounts that the file must not repeat, and the tenants
 */
public record AccountsEditor(Path file, SignInConfig signIn) {
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

  /**
   * Changes to the accounts.
   *
   * @param replaced by their index; empty for those to remove
   */
  public record Edits(
      SortedMap<Integer, Optional<SignInConfig.Account>> replaced,
      List<SignInConfig.Account> added) {
    /** Removes the selected accounts. */
    public static Edits remove(
        List<SignInConfig.Account> now, Predicate<SignInConfig.Account> meant) {
      SortedMap<Integer, Optional<SignInConfig.Account>> removed = new TreeMap<>();
      for (int i = 0; i < now.size(); i++) {
        if (meant.test(now.get(i))) {
          removed.put(i, Optional.empty());
        }
      }
      return new Edits(removed, List.of());
    }

    /**
     * What was changed in one copy of the accounts, for another copy. An account that both have
     * changed stays as it is there.
     */
    public static Edits merging(
        List<SignInConfig.Account> base,
        List<SignInConfig.Account> changed,
        List<SignInConfig.Account> there) {
      Map<String, SignInConfig.Account> before = byKey(base);
      Map<String, SignInConfig.Account> after = byKey(changed);
      Map<String, SignInConfig.Account> now = byKey(there);
      Edits edits = new Edits(new TreeMap<>(), new ArrayList<>());
      Set<String> keys = new LinkedHashSet<>(after.keySet());
      keys.addAll(before.keySet());
      for (String key : keys) {
        SignInConfig.Account was = before.get(key);
        SignInConfig.Account is = after.get(key);
        SignInConfig.Account theirs = now.get(key);
        if (Objects.equals(was, is) || !Objects.equals(was, theirs)) {
          continue;
        }
        if (theirs != null) {
          edits.replaced.put(there.indexOf(theirs), Optional.ofNullable(is));
        } else if (is != null) {
          edits.added.add(is);
        }
      }
      return edits;
    }

    private static Map<String, SignInConfig.Account> byKey(List<SignInConfig.Account> accounts) {
      Map<String, SignInConfig.Account> all = new LinkedHashMap<>();
      accounts.forEach(each -> all.put(each.key(), each));
      return all;
    }

    /** The accounts after the edits. */
    public List<SignInConfig.Account> of(List<SignInConfig.Account> accounts) {
      List<SignInConfig.Account> result = new ArrayList<>();
      for (int i = 0; i < accounts.size(); i++) {
        replaced.getOrDefault(i, Optional.of(accounts.get(i))).ifPresent(result::add);
      }
      result.addAll(added);
      return result;
    }
  }

  /** Decides what to change. */
  public interface Decision<X extends Exception> {
    /**
     * Called again if other instances change shared accounts at the same time.
     *
     * @param now all accounts of the file
     * @throws X to change nothing
     */
    Edits of(List<SignInConfig.Account> now) throws X;
  }

  /**
   * Replaces the whole file, if nobody has changed it.
   *
   * @param before the text that is replaced, or null if there was no file
   * @return whether it was replaced
   */
  public boolean replace(@Nullable String before, String after)
      throws IOException, OperatorException {
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

  private <T, X extends Exception> T locked(LockFile.Work<T, X> work)
      throws IOException, OperatorException, X {
    // It may be the data directory before the daemon's first start.
    FileModes.directory(
        Objects.requireNonNull(file.toAbsolutePath().getParent()), FileModes.Readers.OWNER);
    return new LockFile(file.resolveSibling(file.getFileName() + ".lock")).exclusively(work);
  }

  /**
   * Changes the accounts as they are now.
   *
   * @throws InvalidConfigException if the file has errors, or would have them
   * @throws OperatorException if another program keeps the lock
   */
  public <X extends Exception> Changed change(Decision<X> decision)
      throws IOException, OperatorException, X {
    return this.<Changed, X>locked(
        () -> {
          Edited edited = edit(Files.exists(file) ? AccountsFile.text(file) : "", decision);
          OwnerOnlyFile.replace(file, edited.text().getBytes(StandardCharsets.UTF_8));
          return edited.changed();
        });
  }

  /**
   * A text after a change, which is not written yet.
   *
   * @param keys those of the changed accounts
   */
  public record Edited(String text, Changed changed, String keys) {}

  /**
   * Changes the accounts of a text, and writes nothing.
   *
   * @throws InvalidConfigException if the text has errors, or would have them
   */
  public <X extends Exception> Edited edit(String text, Decision<X> decision)
      throws InvalidConfigException, X {
    List<SignInConfig.Account> now =
        text.isBlank() ? List.of() : AccountsFile.parse(text, file.toString(), signIn);
    Edits edits = decision.of(now);
    List<SignInConfig.Account> wanted = edits.of(now);
    // Checks the accounts in the complete text.
    String whole = AccountsText.of(wanted);
    AccountsFile.check(whole, file.toString(), signIn);
    String edited = AccountsText.edited(text, edits);
    boolean kept = says(edited, wanted);
    String keys =
        Stream.concat(edits.replaced.keySet().stream().map(now::get), edits.added.stream())
            .map(SignInConfig.Account::key)
            .collect(Collectors.joining(", "));
    return new Edited(kept ? edited : whole, new Changed(wanted.size(), kept), keys);
  }

  private boolean says(String text, List<SignInConfig.Account> wanted) {
    try {
      return AccountsFile.parse(text, file.toString(), signIn).equals(wanted);
    } catch (InvalidConfigException garbled) {
      return false;
    }
  }
}
