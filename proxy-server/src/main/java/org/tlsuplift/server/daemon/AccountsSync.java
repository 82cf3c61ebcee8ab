package org.tlsuplift.server.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.background.Notice;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.cluster.SharedAccounts;
import org.tlsuplift.server.config.AccountsEditor;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.process.OwnerOnlyFile;
import org.tlsuplift.server.signin.token.TokenStoreException;

/**
 * Keeps the accounts file and its copy in the database the same: a change of the file goes to the
 * database, and a change of another instance goes to the file. So commands and editors work as
 * without a database, and a daemon starts when the database is unreachable.
 *
 * <p>If both have changed, that of the database counts, and the file is kept under another name. A
 * version below the last one seen is never used, because a restored or hostile database would bring
 * removed accounts back; {@link #share} is the way out. The last version is in a file beside the
 * accounts.
 */
public final class AccountsSync {
  private static final Duration PERIOD = Duration.ofSeconds(2);
  private static final Logger log = LoggerFactory.getLogger(AccountsSync.class);

  private final Path file;
  private final SignInConfig signIn;
  private final SharedAccounts shared;
  private final Path state;

  /**
   * What the file and the database had in common last, as in the file {@link #state}; null until it
   * is read.
   */
  private @Nullable Common common;

  private @Nullable String waiting;
  private final Notice problem = Notice.once();

  /**
   * @param version of the database
   * @param digest of the file
   */
  private record Common(long version, String digest) {
    static final Common NOTHING = new Common(0, "");
    private static final Pattern LINE = Pattern.compile("(\\d{1,18}) (\\p{XDigit}{64})\\s*");

    static Common of(SharedAccounts.Copy copy) {
      return new Common(copy.version(), Digests.sha256(copy.text()));
    }

    static Optional<Common> parse(String line) {
      Matcher found = LINE.matcher(line);
      return found.matches()
          ? Optional.of(new Common(Long.parseLong(found.group(1)), found.group(2)))
          : Optional.empty();
    }

    @Override
    public String toString() {
      return version + " " + digest;
    }
  }

  /** Starts nothing and reads nothing yet. */
  public AccountsSync(Path file, SignInConfig signIn, SharedAccounts shared) {
    this.file = file;
    this.signIn = signIn;
    this.shared = shared;
    this.state = AccountsFile.sharedVersion(file);
  }

  /** Takes the accounts of the database, if it responds, and follows both from now on. */
  void start(Schedule schedule) {
    syncOrReport();
    schedule.every(PERIOD, PERIOD, "sharing of accounts", this::syncOrReport);
  }

  /** Whether the accounts are not shared until an operator does something. */
  boolean isBad() {
    return problem.isOn();
  }

  /**
   * Saves the accounts as the newest version, which the daemons of all instances then use.
   *
   * @param fromDatabase saves those of the database again, although they are older, instead of
   *     those of the file
   * @return the version
   */
  public synchronized long share(boolean fromDatabase) throws OperatorException, IOException {
    long next = Math.max(shared.writtenVersion(), recall().version()) + 1;
    String text = fromDatabase ? restored() : AccountsFile.text(file);
    AccountsFile.parse(text, fromDatabase ? "the database" : file.toString(), signIn);
    if (!shared.write(shared.version(), next, text)) {
      throw new TokenStoreException(
          "run the command again: another instance saved its accounts at the same time", true);
    }
    return next;
  }

  private String restored() throws TokenStoreException {
    return shared
        .read()
        .orElseThrow(
            () ->
                new TokenStoreException(
                    "leave out --from-database: the database has no accounts", false))
        .text();
  }

  private Common recall() throws TokenStoreException, IOException {
    Common known = common;
    if (known == null) {
      known = Files.exists(state) ? read() : Common.NOTHING;
      common = known;
    }
    return known;
  }

  private Common read() throws TokenStoreException, IOException {
    return Common.parse(Files.readString(state))
        .orElseThrow(
            () ->
                new TokenStoreException(
                    "delete %s if the accounts in the database are up to date: it is damaged, and the accounts are not shared until then"
                        .formatted(state),
                    false));
  }

  private void syncOrReport() {
    try {
      sync();
      problem.ended();
    } catch (InvalidConfigException wrong) {
      report(
          "correct the errors in %s, so that the other instances get it: %s"
              .formatted(file, wrong.getMessage()));
    } catch (OperatorException failed) {
      // An outage is logged where the database is used.
      if (!(failed instanceof TokenStoreException away && away.passing())) {
        report(failed.getMessage());
      }
    } catch (IOException unusable) {
      report(
          "let the daemon's user read and write in the directory of %s; the accounts are not shared until then: %s"
              .formatted(file, unusable));
    } catch (RuntimeException fault) {
      log.error("report this fault: accounts are not shared until the next try", fault);
    }
  }

  private void report(String text) {
    if (problem.isNews(text)) {
      log.error("{}", text);
    }
  }

  /** Changes the file. */
  interface FileChange<X extends Exception> {
    void make() throws OperatorException, IOException, X;
  }

  /**
   * Changes the newest accounts of all instances, which get the result at once. While the database
   * is unreachable, changes those of this instance, and the others get them later.
   *
   * @throws TokenStoreException if another instance saved its accounts at the same time; the file
   *     has these, and the change is lost
   */
  synchronized <X extends Exception> void change(FileChange<X> change)
      throws OperatorException, IOException, X {
    long version;
    try {
      sync();
      version = recall().version();
    } catch (TokenStoreException away) {
      if (!away.passing()) {
        throw away;
      }
      change.make();
      return;
    }
    change.make();
    if (!give(version, AccountsFile.text(file))) {
      sync();
      throw new TokenStoreException(
          "repeat the change: another instance changed the accounts at the same time", true);
    }
  }

  synchronized void sync() throws OperatorException, IOException {
    Common last = recall();
    String text = Files.exists(file) ? AccountsFile.text(file) : null;
    long version = shared.version();
    refuseOlder(version, last);
    boolean changed = text != null && (version == 0 || !Digests.sha256(text).equals(last.digest()));
    if (version != 0 && (version != last.version() || text == null)) {
      take(text, changed, last);
    } else if (text != null && changed && text.equals(waiting)) {
      var unused = give(version, text);
    } else {
      // Twice the same, so that a file is complete.
      waiting = changed ? text : null;
    }
  }

  private static void refuseOlder(long version, Common last) throws TokenStoreException {
    if (version < last.version()) {
      throw new TokenStoreException(
          "run 'tls-uplift accounts share' on the machine whose accounts are right, with --from-database if you restored the database: the database has "
              + (version == 0 ? "no accounts" : "version " + version + " of the accounts")
              + ", and version "
              + last.version()
              + " was used here; accounts are not shared until then",
          false);
    }
  }

  private void take(@Nullable String text, boolean changed, Common last)
      throws OperatorException, IOException {
    SharedAccounts.Copy copy = shared.read().orElse(null);
    if (copy == null) {
      return;
    }
    // The version that was read first is not authenticated.
    refuseOlder(copy.version(), last);
    if (!copy.text().equals(text)) {
      if (text != null && changed) {
        keep(text);
      }
      if (!new AccountsEditor(file, signIn).replace(text, copy.text())) {
        return;
      }
      log.info("{} has the accounts of the other instances, version {}", file, copy.version());
    }
    remember(Common.of(copy));
  }

  private void keep(String text) throws IOException {
    Path kept = file.resolveSibling(file.getFileName() + ".replaced");
    OwnerOnlyFile.replace(kept, text.getBytes(StandardCharsets.UTF_8));
    log.warn(
        "add what is missing with 'tls-uplift accounts add': {} and the accounts of the other"
            + " instances were both changed; theirs are used, and the file is now {}",
        file,
        kept);
  }

  private boolean give(long version, String text) throws OperatorException, IOException {
    AccountsFile.parse(text, file.toString(), signIn);
    waiting = null;
    boolean given = shared.write(version, version + 1, text);
    if (given) {
      log.info("the other instances get the accounts in {}, version {}", file, version + 1);
      remember(Common.of(new SharedAccounts.Copy(version + 1, text)));
    }
    return given;
  }

  private void remember(Common now) throws IOException {
    common = now;
    OwnerOnlyFile.replace(state, now.toString().getBytes(StandardCharsets.US_ASCII));
  }
}
