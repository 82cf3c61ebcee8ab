package org.tlsuplift.server.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.server.config.binding.Binder;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Positions;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.binding.Section;
import org.tlsuplift.server.config.binding.YamlTree;

/** An accounts file: YAML with the list {@code accounts}, in UTF-8, at most 4 MiB. */
public final class AccountsFile {
  private static final int MAX_BYTES = 4 << 20;

  private AccountsFile() {}

  /** The file beside an accounts file that has the last version in the shared database. */
  public static Path sharedVersion(Path file) {
    return file.resolveSibling(file.getFileName() + ".shared");
  }

  /**
   * Reads a file. Blocks on the disk.
   *
   * @param signIn has the accounts that the file must not repeat, and the tenants
   * @return the accounts of the file; empty if there is no file
   * @throws InvalidConfigException with all errors, without passwords
   */
  public static List<SignInConfig.Account> read(Path file, SignInConfig signIn)
      throws InvalidConfigException {
    if (!Files.exists(file)) {
      return List.of();
    }
    return parse(text(file), file.toString(), signIn);
  }

  /**
   * The accounts of a configuration, followed by those of its file.
   *
   * @throws InvalidConfigException with all errors of the file
   */
  public static List<SignInConfig.Account> all(SignInConfig signIn) throws InvalidConfigException {
    List<SignInConfig.Account> all = new ArrayList<>(signIn.accounts());
    if (signIn.accountsFile() != null) {
      all.addAll(read(signIn.accountsFile(), signIn));
    }
    return all;
  }

  /**
   * Reads the text of a file.
   *
   * @throws InvalidConfigException if it cannot be read, or is too long
   */
  public static String text(Path file) throws InvalidConfigException {
    try (InputStream content = Files.newInputStream(file)) {
      byte[] bytes = content.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw unreadable(file, "the file is larger than 4 MiB", "check the path");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException wrong) {
      throw unreadable(file, "the file is not UTF-8 text", "save it as UTF-8");
    } catch (IOException failed) {
      throw unreadable(
          file,
          "the file cannot be read",
          "check that it is a file and that this user may read it");
    }
  }

  /**
   * Reads accounts from the text of a file.
   *
   * @param source the name of the file, for errors
   * @throws InvalidConfigException with all errors
   */
  public static List<SignInConfig.Account> parse(String yaml, String source, SignInConfig signIn)
      throws InvalidConfigException {
    Problems problems = new Problems();
    return read(YamlTree.parse(yaml, problems), source, signIn, problems);
  }

  /** Checks a text that is not written yet; errors have no lines. */
  public static void check(String yaml, String source, SignInConfig signIn)
      throws InvalidConfigException {
    Problems problems = new Problems();
    YamlTree unwritten = new YamlTree(YamlTree.parse(yaml, problems).root(), Positions.NONE);
    read(unwritten, source, signIn, problems);
  }

  /**
   * The keys of the file. A full disk leaves an empty file, so the key is required; removing the
   * last account leaves an empty list.
   */
  record Content(
      @Key(
              required = true,
              empty = true,
              expected = "a list of accounts",
              remedy = "write 'accounts: []' if there are none")
          List<SignInConfig.Account> accounts) {}

  private static List<SignInConfig.Account> read(
      YamlTree tree, String source, SignInConfig signIn, Problems problems)
      throws InvalidConfigException {
    List<SignInConfig.Account> read = List.of();
    if (problems.errors().isEmpty()) {
      Section root = new Section(problems, "", tree.root());
      read = Binder.bind(root, Content.class).accounts();
      var unused = checks(signIn, read, problems);
    }
    if (!problems.errors().isEmpty()) {
      throw new InvalidConfigException(source, tree.positions().locate(problems.errors()));
    }
    return List.copyOf(read);
  }

  /** Checks accounts of the file together with those of the configuration; others may join them. */
  public static AccountChecks checks(
      SignInConfig signIn, List<SignInConfig.Account> read, Problems problems) {
    AccountChecks checks = new AccountChecks(signIn.tenants(), problems);
    for (int i = 0; i < read.size(); i++) {
      checks.add(path(i), read.get(i));
    }
    for (int i = 0; i < signIn.accounts().size(); i++) {
      checks.add("the configuration's signIn.accounts[" + i + "]", signIn.accounts().get(i));
    }
    return checks;
  }

  /** Of an account of the file. */
  public static String path(int index) {
    return "accounts[" + index + "]";
  }

  private static InvalidConfigException unreadable(Path file, String got, String hint) {
    return new InvalidConfigException(
        file.toString(), List.of(new ConfigProblem("", got, "a YAML file with accounts", hint)));
  }
}
