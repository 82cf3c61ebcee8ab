package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.binding.ShownYaml;
import org.tlsuplift.server.config.binding.YamlTree;

/** The configuration that the pages show. */
class ShownConfigTest {
  private static final String HASH = "$2y$10$" + "abcdefghijklmnopqrstuv".repeat(2) + "wxyzABCDE";

  @TempDir Path directory;

  @Test
  void showsTheFileWithoutCommentsAndSecrets() throws Exception {
    String digest = "0123456789abcdef".repeat(4);
    String shown =
        ConfigLoader.parse(
                """
                # a comment with rosebud
                dataDirectory: '%s'
                listeners:
                  - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
                  - name: mail
                    bind: ["127.0.0.1:0", "[::1]:0"]
                    accept: fixed
                    profile: legacy
                    protocol: smtp
                    origin: "smtp.office365.com:587"
                admin:
                  bind: "127.0.0.1:0"
                  users: [{name: boss, role: administrator, passwordHash: '%s'}]
                  tokens: [{name: deploy, sha256: %s}]
                devices:
                  reverseDns: false
                  names: {"10.1.2.3": "printer: #1", "10.1.2.4": "yes"}
                """
                    .formatted(directory, HASH, digest),
                "test")
            .shown();
    assertThat(shown)
        .isEqualTo(
            """
            dataDirectory: %s
            listeners:
              - name: web
                bind: 127.0.0.1:0
                accept: http-connect
                profile: legacy
              - name: mail
                bind:
                  - 127.0.0.1:0
                  - "[::1]:0"
                accept: fixed
                profile: legacy
                protocol: smtp
                origin: smtp.office365.com:587
            admin:
              bind: 127.0.0.1:0
              users:
                - name: boss
                  role: administrator
                  passwordHash: (hidden)
              tokens:
                - name: deploy
                  sha256: (hidden)
            devices:
              reverseDns: false
              names:
                10.1.2.3: "printer: #1"
                10.1.2.4: yes
            """
                .formatted(directory));
  }

  @Test
  void hidesWhatMayContainASecret() {
    String yaml =
        """
        upstream: {via: "http://user:rosebud@proxy.corp.example:3128"}
        database: {url: "jdbc:postgresql://db.corp.example/uplift?sslpassword=rosebud"}
        notify: {webhook: {url: "https://chat.corp.example/rosebud"}}
        signIn: {accounts: [{login: a, passwordHash: rosebud}], passwordHash: rosebud}
        unknown: {any: rosebud}
        admin: {users: {passwordHash: {any: rosebud}}, bind: {any: rosebud}}
        """;
    String shown = ShownYaml.of(YamlTree.parse(yaml, new Problems()).root(), ServerConfig.class);
    assertThat(shown)
        .doesNotContain("rosebud")
        .contains("proxy.corp.example", "jdbc:postgresql://db.corp.example/uplift");
  }

  @Test
  void eachKeyThatSoundsSecretIsDeclaredSoOrNamesAFile() {
    Set<String> undeclared = new TreeSet<>();
    collect(ServerConfig.class, new HashSet<>(), undeclared);
    assertThat(undeclared).isEmpty();
  }

  private static void collect(Class<?> type, Set<Class<?>> seen, Set<String> undeclared) {
    if (!type.isRecord() || !seen.add(type)) {
      return;
    }
    for (RecordComponent component : type.getRecordComponents()) {
      Key key = component.getAnnotation(Key.class);
      boolean secret = key != null && key.secret();
      if (component.getName().matches("(?i).*(hash|sha256|secret|password|token)")
          && component.getType() != Path.class
          && !secret) {
        undeclared.add(type.getSimpleName() + "." + component.getName());
      }
      types(component.getGenericType()).forEach(each -> collect(each, seen, undeclared));
      if (key != null) {
        collect(key.section(), seen, undeclared);
      }
    }
  }

  private static List<Class<?>> types(Type type) {
    return type instanceof Class<?> named
        ? List.of(named)
        : type instanceof ParameterizedType of
            ? Arrays.stream(of.getActualTypeArguments())
                .flatMap(each -> types(each).stream())
                .toList()
            : List.of();
  }
}
