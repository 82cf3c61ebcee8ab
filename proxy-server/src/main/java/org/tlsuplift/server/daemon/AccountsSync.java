package org.tlsuplift.server.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.background.Notice;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.cluster.SharedAccounts;
import org.tlsuplift.server.cluster.UnknownOutcomeException;
import org.tlsuplift.server.config.AccountsEditor;
import org.tlsuplift.server.config.AccountsEditor.Changed;
import org.tlsuplift.server.config.AccountsEditor.Decision;
import org.tlsuplift.server.config.AccountsEditor.Edits;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInConfig.Account;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Change.Result;
import org.tlsuplift.server.process.OwnerOnlyFile;
import org.tlsuplift.server.signin.token.TokenStoreException;

/**
 * Keeps the accounts file and its copy in the database the same. The database is the truth: pages
 * and commands change it first. A change of the file by an editor goes to the database, and a
 * change of another instance goes to the file. So a daemon starts when the database is unreachable.
 *
 * <p>If both have changed, the file is kept under another name, and its changes are repeated in the
 * accounts of the database, except for accounts that both have changed. A version below the last
 * one seen is never used, because a restored or hostile database would bring removed accounts back;
 * {@link #share} is the way out. The last version is in a file beside the accounts.
 */
public final class AccountsSync {
  private static final Duration PERIOD = Duration.ofSeconds(2);
  private static final Duration RETRY = Duration.ofMillis(250);
  private static final Pattern UNSETTLED =
      Pattern.compile("(\\d{1,18}) (\\p{XDigit}{16})(?: (.*))?\\s*");
  private static final int MAX_ATTEMPTS = 5;
  private static final int MAX_KEPT = 100;
  private static final int MAX_NOTED = 1000;

  /** The database has the ids of more changes than this. */
  private static final int MAX_LATER = 200;

  private static final Logger log = LoggerFactory.getLogger(AccountsSync.class);

  private final Path file;
  private final SignInConfig signIn;
  private final SharedAccounts shared;
  private final Settled settled;
  private final Duration settling;
  private final Duration quiet;
  private final AccountsEditor editor;
  private final Path state;

  /** The version and the id of a change that the database did not confirm. */
  private final Path unsettled;

  /** A changed file that an editor may still be writing, and when it was read first. */
  private @Nullable String waiting;

  private long waitingSince;
  private final Notice problem = Notice.once();

  /**
   * What the file and the database had in common last, as in the file {@link #state}.
   *
   * @param version of the database
   * @param digest of the file
   */
  private record Common(long version, String digest) {
    static final Common NOTHING = new Common(0, "");
    private static final Pattern LINE = Pattern.compile("(\\d{1,18}) (\\p{XDigit}{64})\\s*");

    /** Whether a file, or null if there is none, has these accounts. */
    boolean isOf(@Nullable String text) {
      return digest.equals(text == null ? "" : Digests.sha256(text));
    }
  }

  /** Gets what became of a change that the database did not confirm, again if it fails. */
  public interface Settled {
    void record(Change outcome) throws IOException;
  }

  /** Starts nothing and reads nothing yet. */
  public AccountsSync(Path file, SignInConfig signIn, SharedAccounts shared, Settled settled) {
    this(file, signIn, shared, settled, Duration.ofSeconds(8), Duration.ofMillis(1500));
  }

  /**
   * @param settling how long a change waits until the database confirms it
   * @param quiet how long a changed file stays the same before it is used: it may be incomplete
   */
  AccountsSync(
      Path file,
      SignInConfig signIn,
      SharedAccounts shared,
      Settled settled,
      Duration settling,
      Duration quiet) {
    this.file = file;
    this.signIn = signIn;
    this.shared = shared;
    this.settled = settled;
    this.settling = settling;
    this.quiet = quiet;
    editor = new AccountsEditor(file, signIn);
    state = AccountsFile.sharedVersion(file);
    unsettled = beside(".unsettled");
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
    if (!put(shared.version(), next, text, "version " + next)) {
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

  /** Reads it each time, because a command may have saved a newer version than this daemon. */
  private Common recall() throws TokenStoreException, IOException {
    if (!Files.exists(state)) {
      return Common.NOTHING;
    }
    Matcher line = Common.LINE.matcher(Files.readString(state));
    if (!line.matches()) {
      throw new TokenStoreException(
          "delete %s if the accounts in the database are up to date: it is damaged, and the accounts are not shared until then"
              .formatted(state),
          false);
    }
    return new Common(Long.parseLong(line.group(1)), line.group(2));
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
      if (!(failed instanceof UnknownOutcomeException)
          && !(failed instanceof TokenStoreException away && away.passing())) {
        report(failed.getMessage());
      }
    } catch (IOException unusable) {
      reportUnusable(unusable);
    } catch (RuntimeException fault) {
      log.error("report this fault: accounts are not shared until the next try", fault);
    }
  }

  private void reportUnusable(Exception why) {
    report(
        "let the daemon's user read and write in the directory of %s; the accounts are not shared until then: %s"
            .formatted(file, why));
  }

  private void report(String text) {
    if (problem.isNews(text)) {
      log.error("{}", text);
    }
  }

  /**
   * Changes the newest accounts of all instances. The change is made when the database has it; then
   * this instance writes its file, and the others follow.
   *
   * @throws TokenStoreException if the database does not respond; nothing has changed
   * @throws UnknownOutcomeException if the database did not confirm the change, which may have been
   *     made
   */
  public synchronized <X extends Exception> Changed change(Decision<X> decision)
      throws OperatorException, IOException, X {
    for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      sync();
      Common last = recall();
      String before = text();
      if (!last.isOf(before)) {
        LockSupport.parkNanos(quiet.toNanos());
        continue;
      }
      AccountsEditor.Edited edited = editor.edit(before == null ? "" : before, decision);
      long next = last.version() + 1;
      if (put(last.version(), next, edited.text(), edited.keys())) {
        follow(before, new SharedAccounts.Copy(next, edited.text()));
        return edited.changed();
      }
    }
    throw new OperatorException(
        "repeat the change: "
            + (waiting == null
                ? "other instances changed the accounts at the same time"
                : "an editor or a program is writing " + file));
  }

  /**
   * Writes what the database has. A failure is no failure of the change: {@link #sync} repeats it.
   */
  private void follow(@Nullable String before, SharedAccounts.Copy made) {
    try {
      if (editor.replace(before, made.text()) || made.text().equals(text())) {
        remember(made);
      }
    } catch (IOException | OperatorException unusable) {
      reportUnusable(unusable);
    }
  }

  private @Nullable String text() throws InvalidConfigException {
    return Files.exists(file) ? AccountsFile.text(file) : null;
  }

  /**
   * Saves a version in the database.
   *
   * @param object of the audit log
   * @return whether it was made; if not, another instance has saved its accounts
   */
  private boolean put(long replaced, long version, String text, String object)
      throws OperatorException, IOException {
    // One change can be noted.
    settle();
    String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    try {
      return shared.write(replaced, version, text, id, object);
    } catch (UnknownOutcomeException unknown) {
      note(version + " " + id + " " + ShortText.printable(object, MAX_NOTED));
      long end = System.nanoTime() + settling.toNanos();
      do {
        try {
          boolean made = shared.isMade(id);
          var unused = unsettled.toFile().delete();
          return made;
        } catch (TokenStoreException away) {
          LockSupport.parkNanos(RETRY.toNanos());
        }
      } while (System.nanoTime() - end < 0 && !Thread.currentThread().isInterrupted());
      throw unknown;
    }
  }

  private void note(String change) {
    try {
      OwnerOnlyFile.replace(unsettled, change.getBytes(StandardCharsets.UTF_8));
    } catch (IOException failed) {
      log.warn("the outcome of change {} will be missing in the audit log: {}", change, failed);
    }
  }

  /** Finds out whether a change was made that the database did not confirm. */
  private void settle() throws OperatorException, IOException {
    if (!Files.exists(unsettled)) {
      return;
    }
    Matcher noted = UNSETTLED.matcher(Files.readString(unsettled));
    if (noted.matches()) {
      boolean made = shared.isMade(noted.group(2));
      long later = shared.version() - Long.parseLong(noted.group(1));
      // A restored database does not have it either.
      boolean lost = !made && (later > MAX_LATER || later < -1);
      try {
        settled.record(
            new Change(
                "change " + noted.group(2),
                "unknown" + (noted.group(3) == null ? "" : ": " + noted.group(3)),
                made
                    ? "was made"
                    : lost
                        ? "stays unknown; many changes followed, or the database was restored"
                        : "was not made",
                made ? Result.DONE : lost ? Result.UNKNOWN : Result.REFUSED));
      } catch (IOException failed) {
        throw new OperatorException(
            "make room on the disk of dataDirectory, and let the daemon's user write there: the audit log cannot be written: "
                + failed.getMessage());
      }
    }
    Files.deleteIfExists(unsettled);
  }

  synchronized void sync() throws OperatorException, IOException {
    try {
      exchange();
    } finally {
      settle();
    }
  }

  private void exchange() throws OperatorException, IOException {
    Common last = recall();
    String text = text();
    long version = shared.version();
    refuseOlder(version, last);
    boolean changed = text != null && !last.isOf(text);
    if (changed && !Objects.equals(text, waiting)) {
      waiting = text;
      waitingSince = System.nanoTime();
    }
    if (changed && System.nanoTime() - waitingSince < quiet.toNanos()) {
      return;
    }
    if (version != 0 && (version != last.version() || text == null)) {
      take(text, changed, last);
    } else if (text != null && changed) {
      give(version, text);
    } else if (text != null && !Files.exists(common())) {
      // The version before this one did not write it.
      remember(new SharedAccounts.Copy(version, text));
    }
    // Only now, so that a fault that stays is reported once.
    waiting = null;
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
      String next = text != null && changed ? merged(text, copy.text(), last) : copy.text();
      if (!editor.replace(text, next)) {
        return;
      }
      log.info("{} has the accounts of the other instances, version {}", file, copy.version());
    }
    // What was merged into the file differs from this, so it is given to the others.
    remember(copy);
  }

  /**
   * Keeps a file that was changed here and at another instance, and repeats its changes in theirs.
   */
  private String merged(String mine, String theirs, Common last)
      throws OperatorException, IOException {
    Path kept = keep(mine);
    try {
      String base = AccountsFile.text(common());
      if (last.isOf(base)) {
        List<Account> before = parsed(base);
        List<Account> after = parsed(mine);
        String merged =
            editor
                .<InvalidConfigException>edit(theirs, now -> Edits.merging(before, after, now))
                .text();
        log.warn(
            "compare {} with {}: it and the accounts of the other instances were both changed; both"
                + " changes are used, and theirs alone where one account has both",
            kept,
            file);
        return merged;
      }
    } catch (InvalidConfigException unfit) {
      log.debug("{} cannot be merged", file, unfit);
    }
    log.warn(
        "add what is missing with 'tls-uplift accounts add': {} and the accounts of the other"
            + " instances were both changed; theirs are used, and the file is now {}",
        file,
        kept);
    return theirs;
  }

  private List<Account> parsed(String text) throws InvalidConfigException {
    return AccountsFile.parse(text, file.toString(), signIn);
  }

  private Path keep(String text) throws OperatorException, IOException {
    for (int number = 1; number <= MAX_KEPT; number++) {
      Path kept = beside(".replaced" + (number == 1 ? "" : "." + number));
      if (!Files.exists(kept)) {
        OwnerOnlyFile.create(kept, text.getBytes(StandardCharsets.UTF_8));
        return kept;
      }
    }
    throw new OperatorException(
        "delete old files %s*: there are %d, and the accounts are not shared until then"
            .formatted(beside(".replaced"), MAX_KEPT));
  }

  private Path beside(String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  /** The text that the file and the database had in common last. */
  private Path common() {
    return beside(".common");
  }

  private void give(long version, String text) throws OperatorException, IOException {
    AccountsFile.parse(text, file.toString(), signIn);
    if (put(version, version + 1, text, file.toString())) {
      log.info("the other instances get the accounts in {}, version {}", file, version + 1);
      remember(new SharedAccounts.Copy(version + 1, text));
    }
  }

  private void remember(SharedAccounts.Copy now) throws IOException {
    OwnerOnlyFile.replace(common(), now.text().getBytes(StandardCharsets.UTF_8));
    String line = now.version() + " " + Digests.sha256(now.text());
    OwnerOnlyFile.replace(state, line.getBytes(StandardCharsets.US_ASCII));
  }
}
