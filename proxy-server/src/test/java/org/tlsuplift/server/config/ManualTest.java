package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.binding.YamlNode;
import org.tlsuplift.server.config.binding.YamlTree;

/** The file that operators copy is the built-in default, and leaves nothing out. */
class ManualTest {
  @Test
  void theFileIsTheDefault() throws Exception {
    LoadedConfig loaded = ConfigLoader.load(manual());
    assertThat(loaded.config()).isEqualTo(defaults());
    assertThat(loaded.warnings()).isEmpty();
  }

  @Test
  void theFileIsBuiltIn() throws Exception {
    assertThat(ConfigLoader.defaultText()).isEqualTo(Files.readString(manual()));
  }

  @Test
  void omittedKeysHaveTheDefaultOfTheFile() throws Exception {
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

  /** An example in one line leaves out what the same keys elsewhere have. */
  @Test
  void theFileMentionsEveryKeyAndNoOther() throws IOException {
    Problems problems = new Problems();
    YamlNode tree = YamlTree.parse(uncommented(), problems).root();
    assertThat(problems.errors()).isEmpty();
    Set<String> written = new TreeSet<>();
    addKeys("", tree, written);
    written.removeIf(key -> key.startsWith("devices.names."));
    Set<String> all = new TreeSet<>(ConfigLoader.schema().keys());
    assertThat(all)
        .contains(
            "admin.tls.passwordFile",
            "admin.tls.pkcs12",
            "signIn.tenants.certificate.passwordFile",
            "signIn.tenants.certificate.pkcs12");
    all.removeIf(
        key -> key.matches("(admin.tls|signIn.tenants.certificate).(pkcs12|passwordFile)"));
    assertThat(written).containsExactlyElementsOf(all);
  }

  private static void addKeys(String path, YamlNode node, Set<String> keys) {
    node.items().forEach(item -> addKeys(path, item, keys));
    node.entries()
        .forEach(
            (key, value) -> {
              String at = path.isEmpty() ? key : path + "." + key;
              keys.add(at);
              addKeys(at, value, keys);
            });
  }

  @Test
  void commentedKeysAreValid() throws IOException {
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

  private static String uncommented() throws IOException {
    return Files.readString(manual()).replaceAll("(?m)^( *)#((- )?[a-zA-Z0-9]+:)", "$1$2");
  }

  private static Path manual() {
    return Path.of("..", "config", "tls-uplift.yaml");
  }
}
