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
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.cluster.UnknownOutcomeException;
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
import org.tlsuplift.server.doctor.ServedAccounts;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.pages.AccountControl;
import org.tlsuplift.server.signin.PasswordHash;
import org.tlsuplift.server.signin.SignInTimes.SignedIn;
import org.tlsuplift.server.signin.token.TokenStoreException;

/**
 * Changes the accounts file of a configuration for the pages, as the commands do.
 *
 * @param generation uses the accounts; null if no device can sign in
 * @param latest the latest sign-ins, by account
 */
record AccountChanges(
    ServerConfig config,
    @Nullable SignInGeneration generation,
    Supplier<Map<String, SignedIn>> latest)
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
  public List<String> listeners(String key) throws BadRequestException {
    SignInConfig signIn = signIn();
    Account account = all().stream().filter(named(key)).findFirst().orElseThrow(() -> gone(key));
    return config.listeners().stream()
        .filter(ListenerConfig::signIn)
        .filter(each -> ServedAccounts.serves(each, account, signIn, config.listeners()))
        .map(ListenerConfig::name)
        .toList();
  }

  private static Predicate<Account> named(String key) {
    return account -> account.key().equalsIgnoreCase(key);
  }

  private static BadRequestException gone(String key) {
    return new BadRequestException(
        404, "there is no account '" + key + "' in the accounts file; it may have been deleted");
  }

  @Override
  public Changed add(Map<String, String> fields) throws BadRequestException {
    Secret secret = new Secret();
    Account added = secret.into(read(fields, null), fields.getOrDefault("password", ""));
    edit(now -> new Edits(new TreeMap<>(), List.of(added)));
    return new Changed(added.key(), "", added.words(), secret.password);
  }

  @Override
  public Changed change(String key, String version, Map<String, String> fields)
      throws BadRequestException {
    Secret secret = new Secret();
    return change(
        key,
        version,
        secret,
        before -> {
          Account after = read(fields, before);
          String password = fields.get("password");
          return Optional.of(password == null ? after : secret.into(after, password));
        });
  }

  @Override
  public Changed remove(String key, String version) throws BadRequestException {
    return change(key, version, new Secret(), before -> Optional.empty());
  }

  private interface Changing {
    Optional<Account> of(Account before) throws BadRequestException;
  }

  private Changed change(String key, String version, Secret secret, Changing changing)
      throws BadRequestException {
    List<Changed> changed = new ArrayList<>();
    edit(
        now -> {
          changed.clear();
          Account before = now.stream().filter(named(key)).findFirst().orElseThrow(() -> gone(key));
          if (!version.isEmpty() && !version.equals(version(before))) {
            throw new BadRequestException(
                409,
                "somebody changed the account '"
                    + before.key()
                    + "' since you opened its page; open it again, look at the change, and repeat yours");
          }
          Optional<Account> after = changing.of(before);
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
      if (sync == null) {
        editor.change(decision);
      } else {
        sync.<BadRequestException>change(decision);
      }
      if (generation != null) {
        generation.readAccounts();
      }
    } catch (InvalidConfigException wrong) {
      throw new BadRequestException(400, first(wrong));
    } catch (UnknownOutcomeException unknown) {
      throw BadRequestException.unknown(String.valueOf(unknown.getMessage()));
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
      return account.withPasswordHash(PasswordHash.of(password.toCharArray()).encoded());
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

  /** The edits of an import, and what becomes of each line. */
  private record Plan(Edits edits, List<Fate> fates) {}

  private Plan plan(List<Account> now, List<Map<String, String>> lines) throws BadRequestException {
    Plan plan = new Plan(new Edits(new TreeMap<>(), new ArrayList<>()), new ArrayList<>());
    Set<String> keys = new HashSet<>();
    for (Map<String, String> line : lines) {
      try {
        plan.fates().add(planned(now, line, plan.edits(), keys));
      } catch (BadRequestException refused) {
        plan.fates()
            .add(
                new Fate(
                    line.getOrDefault("login", ""),
                    "refused",
                    String.valueOf(refused.getMessage())));
      }
    }
    if (plan.edits().added().stream().filter(each -> each.login() != null).count()
        > MAX_PASSWORDS) {
      throw new BadRequestException(
          400, "import at most " + MAX_PASSWORDS + " new accounts with a login at a time");
    }
    return plan;
  }

  private Fate planned(List<Account> now, Map<String, String> line, Edits edits, Set<String> keys)
      throws BadRequestException {
    String key = read(line, null).key();
    Account before = now.stream().filter(named(key)).findFirst().orElse(null);
    Account after = read(line, before);
    if (!keys.add(key)) {
      throw new BadRequestException(400, "another line has the same login or networks");
    }
    int index = before == null ? -1 : now.indexOf(before);
    if (before == null) {
      edits.added().add(after);
    } else if (!after.equals(before)) {
      edits.replaced().put(index, Optional.of(after));
    }
    Problems problems = new Problems();
    AccountsFile.check(signIn(), edits.of(now), problems);
    if (!problems.errors().isEmpty()) {
      edits.added().remove(after);
      edits.replaced().remove(index);
      throw new BadRequestException(400, words(problems.errors().get(0)));
    }
    return before == null
        ? new Fate(key, "added", after.words())
        : after.equals(before)
            ? new Fate(key, "unchanged", "")
            : new Fate(key, "changed", difference(before.fields(), after.fields()));
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
  public Preview preview(List<Map<String, String>> lines) throws BadRequestException {
    List<Account> now = inFile();
    return new Preview(version(now), plan(now, lines).fates());
  }

  @Override
  public List<Changed> apply(List<Map<String, String>> lines, String version)
      throws BadRequestException {
    List<Account> seen = inFile();
    Edits edits = plan(seen, lines).edits();
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
