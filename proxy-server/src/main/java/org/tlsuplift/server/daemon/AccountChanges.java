package org.tlsuplift.server.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.cluster.UnknownOutcomeException;
import org.tlsuplift.server.config.AccountChecks;
import org.tlsuplift.server.config.AccountsEditor;
import org.tlsuplift.server.config.AccountsEditor.Edits;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.AccountsReader;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInConfig.Account;
import org.tlsuplift.server.config.SignInConfig.SendBy;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.doctor.ServedAccounts;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.pages.AccountControl;
import org.tlsuplift.server.inventory.RefusedSignIns;
import org.tlsuplift.server.signin.PasswordHash;
import org.tlsuplift.server.signin.SignInTimes.SignedIn;
import org.tlsuplift.server.signin.token.TokenStoreException;

/**
 * Changes the accounts file of a configuration for the pages, as the commands do.
 *
 * @param generation uses the accounts; null if no device can sign in
 * @param latest the latest sign-ins, by account
 * @param refused the latest refused sign-ins, by device
 */
record AccountChanges(
    ServerConfig config,
    @Nullable SignInGeneration generation,
    Supplier<Map<String, SignedIn>> latest,
    RefusedSignIns refused)
    implements AccountControl {
  /** Each password costs a hash. */
  private static final int MAX_PASSWORDS = 200;

  @Override
  public String missing() {
    SignInConfig signIn = config.signIn();
    if (signIn == null) {
      return "no device signs in at this proxy; add 'signIn' with an accountsFile to the configuration, and 'signIn: true' to a listener";
    }
    Path file = signIn.accountsFile();
    if (file == null) {
      return "set signIn.accountsFile to a file in a directory that the daemon may write; these accounts are in the configuration itself";
    }
    return Files.isWritable(Objects.requireNonNull(file.toAbsolutePath().getParent()))
        ? ""
        : "let the daemon's user write in the directory of "
            + file
            + ", or set signIn.accountsFile to another file";
  }

  private SignInConfig signIn() throws BadRequestException {
    SignInConfig signIn = config.signIn();
    if (signIn == null) {
      throw new BadRequestException(404, missing());
    }
    return signIn;
  }

  private Path file() throws BadRequestException {
    Path file = signIn().accountsFile();
    if (file == null) {
      throw new BadRequestException(409, missing());
    }
    return file;
  }

  @Override
  public List<String> tenants() {
    return config.signIn() == null ? List.of() : config.signIn().tenantNames();
  }

  @Override
  public List<Entry> accounts() throws BadRequestException {
    if (config.signIn() == null) {
      return List.of();
    }
    Map<String, SignedIn> times = latest.get();
    List<Entry> all = new ArrayList<>();
    for (Account each : all()) {
      all.add(
          new Entry(
              each.key(),
              version(each),
              each.fields(),
              signIn().access(each),
              each.disabled(),
              !signIn().accounts().contains(each),
              Optional.ofNullable(times.get(each.key()))
                  .map(found -> new SignIn(found.at(), found.from()))));
    }
    return all;
  }

  private List<Account> all() throws BadRequestException {
    List<Account> all = new ArrayList<>(signIn().accounts());
    all.addAll(signIn().accountsFile() == null ? List.of() : inFile());
    return all;
  }

  private static String first(InvalidConfigException wrong) {
    return words(wrong.problems().get(0));
  }

  private static String words(ConfigProblem problem) {
    String key = problem.path().substring(problem.path().lastIndexOf('.') + 1);
    return (key.isEmpty() ? "" : key + ": ") + problem.message();
  }

  /** Differs if anything differs, also the password. */
  private static String version(Account account) {
    return Digests.sha256(
        account.fields().toString() + account.key() + account.passwordHash() + account.upstream());
  }

  private static String version(List<Account> accounts) {
    return Digests.sha256(
        accounts.stream().map(AccountChanges::version).collect(Collectors.joining(",")));
  }

  @Override
  public Map<String, List<String>> listeners(Set<String> keys) throws BadRequestException {
    SignInConfig signIn = signIn();
    Map<String, List<String>> listeners = new HashMap<>();
    for (Account account : all()) {
      if (keys.contains(account.key())) {
        listeners.put(
            account.key(),
            config.listeners().stream()
                .filter(ListenerConfig::signIn)
                .filter(each -> ServedAccounts.serves(each, account, signIn, config.listeners()))
                .map(ListenerConfig::name)
                .toList());
      }
    }
    return listeners;
  }

  /** Why the latest sign-in of a device was refused, with its login; empty if it was not. */
  Optional<String> refusal(String address) {
    return refused
        .of(address)
        .map(
            attempt ->
                PageText.whole(PageText.visible(attempt.detail()))
                    + " "
                    + PageText.whole(attempt.outcome().advice()));
  }

  @Override
  public Changed add(Map<String, String> fields, Role by) throws BadRequestException {
    Secret secret = new Secret();
    Account added = secret.into(read(fields, null), fields.getOrDefault("password", ""));
    edit(
        now ->
            new Edits(
                new TreeMap<>(), List.of(Mailboxes.of(signIn(), now, by).checked(null, added))));
    return new Changed(added.key(), "", added.words(), secret.password);
  }

  @Override
  public Changed change(String key, String version, Map<String, String> fields, Role by)
      throws BadRequestException {
    Secret secret = new Secret();
    return change(
        key,
        version,
        secret,
        (before, now) -> {
          Account after = Mailboxes.of(signIn(), now, by).checked(before, read(fields, before));
          String password = fields.get("password");
          return Optional.of(password == null ? after : secret.into(after, password));
        });
  }

  @Override
  public Changed remove(String key, String version) throws BadRequestException {
    return change(key, version, new Secret(), (before, now) -> Optional.empty());
  }

  private interface Changing {
    Optional<Account> of(Account before, List<Account> now) throws BadRequestException;
  }

  private Changed change(String key, String version, Secret secret, Changing changing)
      throws BadRequestException {
    List<Changed> changed = new ArrayList<>();
    edit(
        now -> {
          changed.clear();
          Account before =
              now.stream()
                  .filter(account -> account.key().equalsIgnoreCase(key))
                  .findFirst()
                  .orElseThrow(
                      () ->
                          new BadRequestException(
                              404,
                              "there is no account '"
                                  + key
                                  + "' in the accounts file; it may have been deleted"));
          if (!version.isEmpty() && !version.equals(version(before))) {
            throw new BadRequestException(
                409,
                "somebody changed the account '"
                    + before.key()
                    + "' since you opened its page; open it again, look at the change, and repeat yours");
          }
          Optional<Account> after = changing.of(before, now);
          changed.add(
              new Changed(
                  after.orElse(before).key(),
                  before.words(),
                  after.map(Account::words).orElse(""),
                  secret.password));
          return new Edits(new TreeMap<>(Map.of(now.indexOf(before), after)), List.of());
        });
    return changed.get(0);
  }

  private void edit(AccountsEditor.Decision<BadRequestException> decision)
      throws BadRequestException {
    Path file = file();
    AccountsEditor editor = new AccountsEditor(file, signIn());
    AccountsSync sync = generation == null ? null : generation.sync();
    try {
      if (sync != null) {
        sync.<BadRequestException>change(decision);
      } else if (signIn().shareAccounts()) {
        throw new BadRequestException(
            409,
            "change the accounts at another instance, or with 'tls-uplift accounts': this one does not share them, because none of its listeners has 'signIn: true'");
      } else {
        editor.change(decision);
      }
      if (generation != null) {
        generation.readAccounts();
      }
    } catch (InvalidConfigException wrong) {
      throw new BadRequestException(400, first(wrong));
    } catch (UnknownOutcomeException unknown) {
      throw BadRequestException.unknown(Change.unknown(unknown.object(), unknown));
    } catch (OperatorException refused) {
      if (refused instanceof TokenStoreException away && away.passing()) {
        throw new BadRequestException(
            503, "nothing was changed; repeat it later: " + away.getMessage());
      }
      throw new BadRequestException(409, String.valueOf(refused.getMessage()));
    } catch (IOException failed) {
      throw new BadRequestException(
          503,
          "let the daemon's user write in the directory of " + file + ": " + failed.getMessage());
    }
  }

  /** A password that is given or made once. */
  private static final class Secret {
    private String password = "";

    Account into(Account account, String given) throws BadRequestException {
      if (account.login() == null) {
        return account;
      }
      password = given.isEmpty() ? PasswordHash.newPassword() : given;
      if (password.chars().anyMatch(Character::isISOControl)) {
        throw new BadRequestException(400, "password: got control characters; expected one line");
      }
      try {
        return account.withPasswordHash(PasswordHash.ofChosen(password.toCharArray()).encoded());
      } catch (OperatorException refused) {
        throw new BadRequestException(400, "password: " + refused.getMessage());
      }
    }
  }

  /** An account with the fields that are present, and the others as they were. */
  private static Account read(Map<String, String> fields, @Nullable Account before)
      throws BadRequestException {
    Map<String, String> all = new HashMap<>(before == null ? Map.of() : before.fields());
    all.putAll(fields);
    String login = all.getOrDefault("login", "").strip();
    String tenant = all.getOrDefault("tenant", "").strip();
    List<String> networks = words(all.getOrDefault("networks", ""));
    if (login.isEmpty() && networks.isEmpty()) {
      throw new BadRequestException(
          400, "login: missing; give the device a login, or its network if it cannot sign in");
    }
    if (before != null && before.upstream() != null && !tenant.isEmpty()) {
      throw new BadRequestException(
          400, "tenant: leave it empty; this account signs in at its origin with a password");
    }
    try {
      return AccountsReader.of(
              login.isEmpty() ? null : login,
              login.isEmpty() ? null : before == null ? "" : before.passwordHash(),
              networks,
              all.getOrDefault("mailbox", "").strip(),
              tenant.isEmpty() ? null : tenant,
              before == null ? null : before.upstream(),
              words(all.getOrDefault("allowed-senders", "")))
          .disabled(isSet(all.getOrDefault("disabled", "")))
          .sendBy(before == null ? SendBy.SMTP : before.sendBy());
    } catch (IllegalArgumentException wrong) {
      throw new BadRequestException(
          400, String.valueOf(wrong.getMessage()).replaceFirst("^--", ""));
    }
  }

  private static List<String> words(String text) {
    return Stream.of(text.split("[\\s,;]+", -1)).filter(word -> !word.isEmpty()).toList();
  }

  private static boolean isSet(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "", "false", "no", "0" -> false;
      case "true", "yes", "1" -> true;
      default ->
          throw new IllegalArgumentException(
              "disabled: " + Problems.got(text) + "; expected true or false");
    };
  }

  /**
   * The mailboxes that somebody may give to accounts, because the application may open all
   * mailboxes of the tenant.
   *
   * @param allowed addresses and {@code @domain}
   */
  private record Mailboxes(Set<String> allowed, boolean named, Role by) {
    static Mailboxes of(SignInConfig signIn, List<Account> inFile, Role by) {
      boolean named = !signIn.allowedMailboxes().isEmpty();
      Stream<String> existing =
          Stream.concat(signIn.accounts().stream(), inFile.stream())
              .map(each -> domain(each.mailbox()));
      return new Mailboxes(
          named ? Set.copyOf(signIn.allowedMailboxes()) : existing.collect(Collectors.toSet()),
          named,
          by);
    }

    private static String domain(String mailbox) {
      return mailbox.substring(mailbox.lastIndexOf('@')).toLowerCase(Locale.ROOT);
    }

    /** Checks a new or changed account; one whose mailbox stays may have any. */
    Account checked(@Nullable Account before, Account after) throws BadRequestException {
      String domain = domain(after.mailbox());
      if ((before != null && before.mailbox().equalsIgnoreCase(after.mailbox()))
          || allowed.contains(after.mailbox().toLowerCase(Locale.ROOT))
          || allowed.contains(domain)
          || (!named && by.includes(Role.ADMINISTRATOR))) {
        return after;
      }
      throw new BadRequestException(
          403,
          (named
                  ? "mailbox: add '%s' to signIn.allowedMailboxes in the configuration; accounts may have only the mailboxes of that list"
                  : "mailbox: let an administrator do it, or add '%s' to signIn.allowedMailboxes; operators may use only the domains of existing accounts")
              .formatted(domain));
    }
  }

  /** An import: its edits, and what becomes of each line. */
  private final class Plan {
    private final List<Account> now;
    private final Mailboxes mailboxes;
    private final Map<String, Integer> indexes = new HashMap<>();
    private final Problems problems = new Problems();
    private final AccountChecks checks;
    private final Set<String> keys = new HashSet<>();
    private final Edits edits = new Edits(new TreeMap<>(), new ArrayList<>());
    private final List<Fate> fates = new ArrayList<>();

    Plan(List<Account> now, List<Map<String, String>> lines, Role by) throws BadRequestException {
      this.now = now;
      mailboxes = Mailboxes.of(signIn(), now, by);
      checks = AccountsFile.checks(signIn(), now, problems);
      for (int i = 0; i < now.size(); i++) {
        indexes.put(now.get(i).key(), i);
      }
      for (Map<String, String> line : lines) {
        try {
          fates.add(fate(line));
        } catch (BadRequestException refused) {
          fates.add(
              new Fate(
                  line.getOrDefault("login", ""), "refused", String.valueOf(refused.getMessage())));
        }
      }
      if (edits.added().stream().filter(each -> each.login() != null).count() > MAX_PASSWORDS) {
        throw new BadRequestException(
            400, "import at most " + MAX_PASSWORDS + " new accounts with a login at a time");
      }
    }

    private Fate fate(Map<String, String> line) throws BadRequestException {
      String key = read(line, null).key();
      Integer index = indexes.get(key);
      Account before = index == null ? null : now.get(index);
      Account after = mailboxes.checked(before, read(line, before));
      if (!keys.add(key)) {
        throw new BadRequestException(400, "another line has the same login or networks");
      }
      String path = AccountsFile.path(index == null ? now.size() + edits.added().size() : index);
      if (index == null) {
        checks.add(path, after);
      } else {
        checks.tenant(path, after);
      }
      Optional<ConfigProblem> problem = problems.take();
      if (problem.isPresent()) {
        if (index == null) {
          checks.remove(path, after);
        }
        throw new BadRequestException(400, words(problem.get()));
      }
      if (before == null) {
        edits.added().add(after);
        return new Fate(key, "added", after.words());
      }
      if (after.equals(before)) {
        return new Fate(key, "unchanged", "");
      }
      edits.replaced().put(index, Optional.of(after));
      return new Fate(key, "changed", difference(before.fields(), after.fields()));
    }
  }

  private static String difference(Map<String, String> before, Map<String, String> after) {
    return after.entrySet().stream()
        .filter(field -> !field.getValue().equals(before.get(field.getKey())))
        .map(
            field ->
                "%s: '%s' becomes '%s'"
                    .formatted(field.getKey(), before.get(field.getKey()), field.getValue()))
        .collect(Collectors.joining("; "));
  }

  private List<Account> inFile() throws BadRequestException {
    try {
      return AccountsFile.read(file(), signIn());
    } catch (InvalidConfigException wrong) {
      throw new BadRequestException(409, "correct the accounts file first: " + first(wrong));
    }
  }

  @Override
  public Preview preview(List<Map<String, String>> lines, Role by) throws BadRequestException {
    List<Account> now = inFile();
    return new Preview(version(now), new Plan(now, lines, by).fates);
  }

  @Override
  public List<Changed> apply(
      List<Map<String, String>> lines, String version, Role by, Before before)
      throws BadRequestException {
    List<Account> seen = inFile();
    Edits edits = new Plan(seen, lines, by).edits;
    List<Changed> changed = new ArrayList<>();
    edits
        .replaced()
        .forEach(
            (index, after) ->
                changed.add(
                    new Changed(
                        after.orElseThrow().key(),
                        seen.get(index).words(),
                        after.orElseThrow().words(),
                        "")));
    Map<String, String> passwords = new HashMap<>();
    lines.forEach(
        line ->
            passwords.put(
                line.getOrDefault("login", "").strip().toLowerCase(Locale.ROOT),
                line.getOrDefault("password", "")));
    List<Account> added = new ArrayList<>();
    for (Account each : edits.added()) {
      Secret secret = new Secret();
      added.add(secret.into(each, passwords.getOrDefault(each.key(), "")));
      changed.add(new Changed(each.key(), "", each.words(), secret.password));
    }
    before.change(changed);
    edit(
        now -> {
          if (!now.equals(seen) || (!version.isEmpty() && !version.equals(version(now)))) {
            throw new BadRequestException(
                409, "somebody changed the accounts since this preview; choose the file again");
          }
          return new Edits(edits.replaced(), added);
        });
    return changed;
  }
}
