package org.tlsuplift.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import io.netty.handler.ssl.SslContextBuilder;
import java.util.List;
import java.util.Map;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.config.binding.YamlNode;

/** The direction of imports in the server, and what may be used where. */
@AnalyzeClasses(
    packages = "org.tlsuplift.server",
    importOptions = ImportOption.DoNotIncludeTests.class)
@OneJdk
class ArchitectureTest {
  /** Who may use a package and its subpackages; the rest may not. */
  private static final Map<String, List<String>> USERS =
      Map.ofEntries(
          entry("command", "main"),
          entry("demo", "command"),
          entry("doctor", "command", "daemon"),
          entry("init", "command", "daemon", "pages"),
          entry("daemon", "command", "demo", "init"),
          entry("http", "api", "command", "daemon", "demo", "pages"),
          entry("api", "daemon"),
          entry("pages", "daemon"),
          entry(
              "audit", "command", "config", "daemon", "http", "inventory", "log", "pages", "spool"),
          entry("readiness", "api", "command", "daemon", "pages"),
          entry("authority", "backup", "command", "daemon", "demo", "init", "pages"),
          entry(
              "process",
              "audit",
              "authority",
              "backup",
              "command",
              "config",
              "daemon",
              "demo",
              "init",
              "inventory",
              "log",
              "microsoft365",
              "readiness",
              "signin",
              "spool"),
          entry("cluster", "command", "daemon", "pages"),
          entry("config", "authority", "backup", "command", "daemon", "demo", "doctor", "init"),
          entry("metrics", "authority", "daemon", "http"),
          entry(
              "inventory",
              "api",
              "backup",
              "cluster",
              "command",
              "config",
              "daemon",
              "doctor",
              "log",
              "pages",
              "readiness",
              "spool"),
          entry(
              "log",
              "api",
              "command",
              "config",
              "daemon",
              "doctor",
              "inventory",
              "main",
              "microsoft365",
              "notify"),
          entry("manual", "command", "pages"),
          entry(
              "signin",
              "cluster",
              "command",
              "config",
              "daemon",
              "http",
              "init",
              "inventory",
              "spool"),
          entry(
              "microsoft365",
              "authority",
              "command",
              "config",
              "daemon",
              "doctor",
              "init",
              "readiness"),
          entry("https", "daemon", "doctor", "graph", "microsoft365", "notify", "signin"),
          entry("graph", "daemon"),
          entry("spool", "api", "command", "daemon", "doctor", "graph", "metrics", "pages"),
          entry("backup", "command"),
          entry("mail", "doctor", "notify", "spool"),
          entry("notify", "command", "daemon"),
          entry(
              "background",
              "authority",
              "cluster",
              "command",
              "daemon",
              "inventory",
              "log",
              "notify",
              "pages",
              "signin",
              "spool"));

  private static Map.Entry<String, List<String>> entry(String used, String... users) {
    return Map.entry(used, List.of(users));
  }

  @ArchTest
  static final ArchRule layers =
      layers()
          .because("what starts the daemon is not known to what it is made of (DESIGN, packages)");

  private static Architectures.LayeredArchitecture layers() {
    Architectures.LayeredArchitecture rule =
        Architectures.layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("main")
            .definedBy("org.tlsuplift.server")
            .whereLayer("main")
            .mayNotBeAccessedByAnyLayer();
    for (Map.Entry<String, List<String>> used : USERS.entrySet()) {
      String name = used.getKey();
      rule =
          rule.layer(name)
              .definedBy(
                  switch (name) {
                    // Not its subpackages, which have users of their own.
                    case "http" -> "..server.http";
                    case "api", "pages" -> "..server.http." + name + "..";
                    default -> "..server." + name + "..";
                  });
    }
    for (Map.Entry<String, List<String>> used : USERS.entrySet()) {
      rule =
          rule.whereLayer(used.getKey())
              .mayOnlyBeAccessedByLayers(used.getValue().toArray(String[]::new));
    }
    return rule;
  }

  @ArchTest
  static final ArchRule noCycles =
      slices()
          .matching("org.tlsuplift.server.(**)")
          .should()
          .beFreeOfCycles()
          .because("what depends on itself in a circle cannot be read, tested or replaced alone");

  @ArchTest
  static final ArchRule onlyMetricsKnowMicrometer =
      noClasses()
          .that()
          .resideOutsideOfPackage("..server.metrics")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.micrometer..", "io.prometheus..")
          .because("the proxy gets an observer and the admin server a text");

  @ArchTest
  static final ArchRule resourcesDoNotKnowTheHttpCodec =
      noClasses()
          .that()
          .resideOutsideOfPackages("..server.http", "..server.https", "..server.demo")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.netty.handler.codec.http..")
          .because("it can be exchanged without anybody noticing");

  @ArchTest
  static final ArchRule onlyInventoryKnowsItsDatabases =
      noClasses()
          .that()
          .resideOutsideOfPackages("..server.inventory..", "..server.cluster..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "com.zaxxer..", "org.flywaydb..", "org.postgresql..", "org.sqlite..", "javax.sql..")
          .because("readers of the inventory ask for devices, not for rows");

  @ArchTest
  static final ArchRule onlyPagesKnowTheirTemplates =
      noClasses()
          .that()
          .resideOutsideOfPackages("..server.http.pages", "..server.readiness")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("gg.jte..")
          .because("what is not escaped by a template for its place is not shown as HTML");

  @ArchTest
  static final ArchRule onlyManualKnowsMarkdown =
      noClasses()
          .that()
          .resideOutsideOfPackage("..server.manual")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.commonmark..")
          .because("all HTML of Markdown is made, and so escaped, in one place");

  @ArchTest
  static final ArchRule msalIsUsedForTokensOnly =
      noClasses()
          .that()
          .resideOutsideOfPackage("..server.signin.token")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.microsoft..", "com.azure..")
          .because("callers of AccessTokens must not depend on the source of tokens");

  @ArchTest
  static final ArchRule onlyGraphParsesMime =
      noClasses()
          .that()
          .resideOutsideOfPackage("..server.graph")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.james..")
          .because("other mail passes without being understood");

  @ArchTest
  static final ArchRule onlyConfigKnowsYaml =
      noClasses()
          .that()
          .resideOutsideOfPackage("..server.config..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.fasterxml.jackson.dataformat..", "org.yaml..")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(JsonNode.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(ObjectReader.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(YamlNode.class)
          .because("what is not a record of the configuration has not been checked");

  @ArchTest
  static final ArchRule onlyCommandsKnowPicocli =
      noClasses()
          .that()
          .resideOutsideOfPackages("..server.command..", "org.tlsuplift.server")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..")
          .because("everything can be done without a command line, as tests do");

  @ArchTest
  static final ArchRule oneMakerOfContexts =
      noClasses()
          .that()
          .resideOutsideOfPackage("..server.demo")
          .should()
          .dependOnClassesThat()
          .areAssignableTo(SslContextBuilder.class)
          .because("the TLS 1.2 floor is kept in one place; the demo plays old devices only");

  @ArchTest
  static final ArchRule onlyMainEndsTheProcess =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.tlsuplift.server")
          .should()
          .callMethod(System.class, "exit", int.class)
          .orShould()
          .callMethod(Runtime.class, "exit", int.class)
          .orShould()
          .callMethod(Runtime.class, "halt", int.class)
          .because("a library that ends the process ends the sessions of everybody");

  @ArchTest
  static final ArchRule outputGoesThroughTheCommandOrTheLog =
      noClasses()
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err")
          .because("what is printed past both is seen by neither operator nor test");
}
