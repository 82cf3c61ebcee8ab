package org.tlsuplift.server.config.accounts;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.yaml.ConfigProblem;
import org.tlsuplift.server.config.yaml.InvalidConfigException;
import org.tlsuplift.server.config.yaml.Positions;
import org.tlsuplift.server.config.yaml.Problems;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.YamlTree;

/** A file of accounts: YAML with the list {@code accounts}, in UTF-8, of at most 4 MiB. */
public final class AccountsFile {
  private static final int MAX_BYTES = 4 << 20;

  private AccountsFile() {}

  /**
   * Reads a file. Blocks on the disk.
   *
   * @param configured the accounts of the configuration, which must not be the same
   * @return those of the file alone; none when there is no file
   * @throws InvalidConfigException with everything that is wrong; no password is in it
   */
  public static List<SignInConfig.Account> read(Path file, List<SignInConfig.Account> configured)
      throws InvalidConfigException {
    if (!Files.exists(file)) {
      return List.of();
    }
    return parse(text(file), file.toString(), configured);
  }

  /**
   * Reads the accounts of a configuration, and then those of its file.
   *
   * @throws InvalidConfigException with everything that is wrong in the file
   */
  public static List<SignInConfig.Account> all(SignInConfig signIn) throws InvalidConfigException {
    List<SignInConfig.Account> all = new ArrayList<>(signIn.accounts());
    if (signIn.accountsFile() != null) {
      all.addAll(read(signIn.accountsFile(), signIn.accounts()));
    }
    return all;
  }

  static String text(Path file) throws InvalidConfigException {
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

  static List<SignInConfig.Account> parse(
      String yaml, String source, List<SignInConfig.Account> configured)
      throws InvalidConfigException {
    Problems problems = new Problems();
    return read(YamlTree.parse(yaml, problems), source, configured, problems);
  }

  /** Checks a text that is not written yet, so that its lines mean nothing to the operator. */
  static void check(String yaml, String source, List<SignInConfig.Account> configured)
      throws InvalidConfigException {
    Problems problems = new Problems();
    YamlTree unwritten = new YamlTree(YamlTree.parse(yaml, problems).root(), Positions.NONE);
    read(unwritten, source, configured, problems);
  }

  private static List<SignInConfig.Account> read(
      YamlTree tree, String source, List<SignInConfig.Account> configured, Problems problems)
      throws InvalidConfigException {
    List<SignInConfig.Account> read = List.of();
    if (problems.errors().isEmpty()) {
      Section root = new Section(problems, "", tree.root());
      if (!root.has("accounts")) {
        // As in a file that nothing was written to when the disk was full.
        root.missing("accounts", "a list of accounts", "write 'accounts: []' where there are none");
      }
      // An empty list is what is left when the last account is removed.
      read = root.emptyList("accounts") ? List.of() : AccountsReader.read(root);
      root.end();
      check(configured, read, problems);
    }
    if (!problems.errors().isEmpty()) {
      throw new InvalidConfigException(source, tree.positions().locate(problems.errors()));
    }
    return List.copyOf(read);
  }

  private static void check(
      List<SignInConfig.Account> configured, List<SignInConfig.Account> read, Problems problems) {
    List<SignInConfig.Account> all = new ArrayList<>(read);
    all.addAll(configured);
    AccountChecks.check(
        all,
        i ->
            i < read.size()
                ? "accounts[" + i + "]"
                : "the configuration's signIn.accounts[" + (i - read.size()) + "]",
        problems);
  }

  private static InvalidConfigException unreadable(Path file, String got, String hint) {
    return new InvalidConfigException(
        file.toString(), List.of(new ConfigProblem("", got, "a YAML file with accounts", hint)));
  }
}
