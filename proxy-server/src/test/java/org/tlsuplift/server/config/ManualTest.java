package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.mail.policy.MailPolicy;
import org.tlsuplift.proxy.mail.policy.RewriteFrom;
import org.tlsuplift.server.config.load.ConfigLoader;
import org.tlsuplift.server.config.load.LoadedConfig;
import org.tlsuplift.server.config.yaml.InvalidConfigException;
import org.tlsuplift.server.config.yaml.Problems;
import org.tlsuplift.server.config.yaml.YamlNode;
import org.tlsuplift.server.config.yaml.YamlTree;

/** The file that operators copy is the built-in default, and leaves nothing out. */
class ManualTest {
  @Test
  void theFileIsTheDefault() throws Exception {
    LoadedConfig loaded = ConfigLoader.load(manual());
    assertThat(loaded.config()).isEqualTo(defaults());
    assertThat(loaded.warnings()).isEmpty();
  }

  @Test
  void theDefaultsAreThese() throws Exception {
    Path expected = Path.of("src/test/resources/org/tlsuplift/server/config/defaults.txt");
    assertThat(defaults().toString().replace("], ", "],\n") + "\n")
        .isEqualTo(Files.readString(expected));
  }

  @Test
  void theFileIsBuiltIn() throws Exception {
    assertThat(ConfigLoader.defaultText()).isEqualTo(Files.readString(manual()));
  }

  @Test
  void whatIsLeftOutHasTheDefaultOfTheFile() throws Exception {
    ServerConfig config =
        ConfigLoader.parse(
                """
                listeners:
                  - {name: web, bind: "0.0.0.0:3128", accept: http-connect, profile: legacy}
                  - name: outlook
                    bind: 0.0.0.0:8443
                    accept: fixed
                    origin: outlook.office365.com:443
                    profile: legacy
                  - name: submission
                    bind: 0.0.0.0:2587
                    accept: fixed
                    origin: smtp.office365.com:587
                    protocol: smtp
                    profile: legacy
                  - name: smtps
                    bind: 0.0.0.0:2465
                    accept: fixed
                    origin: smtp.office365.com:587
                    protocol: smtp
                    downstreamTls: implicit
                    profile: legacy
                  - name: imaps
                    bind: 0.0.0.0:2993
                    accept: fixed
                    origin: outlook.office365.com:993
                    protocol: imap
                    profile: legacy
                  - name: pop3s
                    bind: 0.0.0.0:2995
                    accept: fixed
                    origin: outlook.office365.com:995
                    protocol: pop3
                    profile: legacy
                """,
                "test")
            .config();
    assertThat(config).isEqualTo(defaults());
  }

  @Test
  void aSectionWithoutKeysIsAllDefault() throws Exception {
    String emptied =
        ConfigLoader.defaultText().replaceAll("(?m)^  (max|negot|hand|idle|drain).*$", "");
    assertThat(ConfigLoader.parse(emptied, "test").config()).isEqualTo(defaults());
  }

  @Test
  void theFileMentionsEveryKeyAndNoOther() throws IOException {
    Problems problems = new Problems();
    YamlNode tree = YamlTree.parse(uncommented(), problems).root();
    assertThat(problems.errors()).isEmpty();
    assertKeys("", ServerConfig.class, List.of(tree));
  }

  @Test
  void theKeysThatAreNotSetWouldBeUnderstood() throws IOException {
    String all = uncommented();
    InvalidConfigException invalid =
        catchThrowableOfType(InvalidConfigException.class, () -> ConfigLoader.parse(all, "test"));
    // The two ways of giving a CA or a client certificate exclude each other, a route with the
    // latter does not tunnel, users are for SOCKS, the files of the examples do not exist, and the
    // first listener is not antique.
    assertThat(invalid.problems())
        .isNotEmpty()
        .allSatisfy(
            problem ->
                assertThat(problem.toString())
                    .matches(
                        "(certificateAuthority|admin|signIn|routes\\[0]|listeners\\[0]|metrics|database|devices|log|notify)\\..*")
                    .containsAnyOf(
                        "is set too",
                        "is read from 'certificate'",
                        "the certificate in the files has its own",
                        "it is for 'accept: socks'",
                        "only 'accept: transparent'",
                        "is for a CA that the daemon creates",
                        "a tunnel cannot present",
                        "nothing goes to syslog",
                        "no such file",
                        "it is for 'profile: antique' only"));
  }

  private static ServerConfig defaults() throws InvalidConfigException {
    return ConfigLoader.loadDefault().config();
  }

  /** No record component may be called {@code notify}, because each object has such a method. */
  private static String key(RecordComponent component) {
    return component.getName().equals("notifications") ? "notify" : component.getName();
  }

  private static void assertKeys(String path, Class<?> type, List<YamlNode> nodes) {
    Set<String> written = new TreeSet<>();
    nodes.forEach(node -> written.addAll(node.entries().keySet()));
    List<RecordComponent> components = components(type);
    assertThat(written)
        .as("keys at '%s'", path)
        .containsExactlyInAnyOrderElementsOf(components.stream().map(ManualTest::key).toList());
    for (RecordComponent component : components) {
      Class<?> nested = nested(component.getGenericType());
      if (nested == ListenerCertificate.class
          || nested == InventoryConfig.class
          || nested == SignInConfig.class
          || nested == SignInTenant.class
          || nested == AdminConfig.class
          || nested == LogConfig.class
          || nested == LogConfig.Syslog.class
          || nested == MailPolicy.class
          || nested == RewriteFrom.class
          || (nested.isRecord() && nested.getEnclosingClass() == ServerConfig.class)
          || (nested.isRecord() && nested.getEnclosingClass() == SignInConfig.class)
          || (nested.isRecord() && nested.getEnclosingClass() == AdminConfig.class)) {
        List<YamlNode> below =
            nodes.stream()
                .map(node -> node.get(component.getName()))
                .flatMap(value -> value.isList() ? value.items().stream() : Stream.of(value))
                .toList();
        assertKeys(path + "." + component.getName(), nested, below);
      }
    }
  }

  /** A single tenant has its keys in {@code signIn} itself. */
  private static List<RecordComponent> components(Class<?> type) {
    Stream<RecordComponent> own = Arrays.stream(type.getRecordComponents());
    Stream<RecordComponent> ofTenant =
        type == SignInConfig.class
            ? Arrays.stream(SignInTenant.class.getRecordComponents())
                .filter(each -> !each.getName().equals("name"))
            : Stream.empty();
    return Stream.concat(own, ofTenant).toList();
  }

  private static Class<?> nested(Type type) {
    return type instanceof ParameterizedType list
        ? nested(list.getActualTypeArguments()[0])
        : (Class<?>) type;
  }

  private static String uncommented() throws IOException {
    return Files.readString(manual()).replaceAll("(?m)^( *)#((- )?[a-zA-Z0-9]+:)", "$1$2");
  }

  private static Path manual() {
    return Path.of("..", "config", "tls-uplift.yaml");
  }
}
