package org.tlsuplift.server.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.binding.YamlTree;

/**
 * Checks that the JSON schema of the configuration agrees with the loader. Tests that load a
 * configuration call it, so that all their configurations are its corpus.
 */
public final class SchemaAgreement {
  /** From the directory in which the tests of this module run. */
  public static final Path SCHEMA = Path.of("..", "config", "tls-uplift.schema.json");

  private SchemaAgreement() {}

  /** The rules of the loader that the schema does not have, by the problems that they report. */
  public enum LoaderRule {
    /** A time has the right form, but is too short or too long. */
    RANGE_OF_TIME("got '[0-9]{1,9}(ms|s|m|h|d)'; expected (never, or )?a time from \\S+ to"),
    /** A size has the right form, but is too small or too large. */
    RANGE_OF_SIZE("got '[0-9]{1,7}(KB|MB|GB)'; expected a size from"),
    DAY_OF_MONTH("got '[0-9]{4}-[01][0-9]-[0-3][0-9]'; expected a day"),
    /** Numbers above 255, bits after the prefix, and addresses for a special purpose. */
    ADDRESS(
        "got '[0-9A-Fa-f:./]+'; .*(bits set after the prefix|is not an IPv4|write one address)"),
    /** A value that is right or wrong because of the value of another key. */
    OTHER_KEY(
        "expected (false, or true with '(signIn.accountsFile|database.keyFile)'|at least maxFileSize|a time from .*, the longer of|a time up to)"
            + "|two addresses have the same IP version|does not exist in 21Vianet's cloud|a 'mail' of its own|the value of admin|^mail\\.spool: listener|the 'mail' of all listeners"),
    UNIQUE(
        "expected (a unique (name|login)|an unused address|another proxy|address blocks that no)"),
    /** Accounts must name a tenant that exists, or need none. */
    TENANT("^signIn\\.accounts\\[[0-9]+]\\.(tenant: (got|missing)|upstream: missing|sendBy: got)"),
    /** Routes decide what a listener can do. */
    ROUTE(
        "expected an origin that a route allows|the route to \\S+ (presents|\\(routes)|a route with 'action: bridge'; device"
            + "|mail servers ask for no sign-in"),
    /** Files must exist, be private, and have a certain content. */
    FILES(
        "expected (a readable file|a directory|a PEM file|a file with an address|a file that only)"
            + "|is not a key: it needs|is empty; put|has no (valid SOCKS password|headers|private key|host name)"
            + "|is not a valid header|cannot be opened|does not match /|is damaged: |has a key of type"
            + "|^signIn\\.accountsFile: error in"),
    USER_OF_PROXY("the user name has invalid characters"),
    /** The form of a destination is more than its characters. */
    DESTINATION("^routes\\[[0-9]+].to\\[[0-9]+]: (got '\\*[^.:]|.*leave out port 25)");

    private final Pattern problem;

    LoaderRule(String problem) {
      this.problem = Pattern.compile(problem);
    }

    /** The rules that report a problem. */
    public static Set<LoaderRule> of(ConfigProblem problem) {
      return Arrays.stream(values())
          .filter(rule -> rule.problem.matcher(problem.toString()).find())
          .collect(Collectors.toCollection(() -> EnumSet.noneOf(LoaderRule.class)));
    }
  }

  /** The loader accepts this configuration, so the schema must accept it. */
  public static void accepted(String yaml) {
    assertThat(errors(yaml)).as("the schema, for what the loader accepts:%n%s", yaml).isEmpty();
  }

  /**
   * The loader refuses this configuration for these problems. The schema must refuse it if one of
   * them is not a {@link LoaderRule}, and accept it otherwise.
   */
  public static void refused(String yaml, List<ConfigProblem> problems) {
    boolean isYaml = problems.stream().noneMatch(each -> each.path().isEmpty());
    if (!isYaml) {
      return;
    }
    List<String> errors = errors(yaml);
    List<ConfigProblem> expressed =
        problems.stream().filter(each -> LoaderRule.of(each).isEmpty()).toList();
    if (expressed.isEmpty()) {
      assertThat(errors).as("the schema has a rule for these problems: %s", problems).isEmpty();
    } else {
      assertThat(errors)
          .as("the schema has no rule for these problems: %s", expressed)
          .isNotEmpty();
    }
  }

  /** What the schema says about a configuration. */
  public static List<String> errors(String yaml) {
    // The loader's parser reads a key without a value as an empty text, and editors as null.
    String json = YamlTree.parse(yaml, new Problems()).root().toString().replace(":\"\"", ":null");
    return Compiled.SCHEMA.validate(json, InputFormat.JSON).stream().map(Error::toString).toList();
  }

  private static final class Compiled {
    static final Schema SCHEMA = read();

    private static Schema read() {
      try {
        return SchemaRegistry.withDialect(Dialects.getDraft7())
            .getSchema(Files.readString(SchemaAgreement.SCHEMA), InputFormat.JSON);
      } catch (IOException failed) {
        throw new UncheckedIOException(failed);
      }
    }
  }
}
