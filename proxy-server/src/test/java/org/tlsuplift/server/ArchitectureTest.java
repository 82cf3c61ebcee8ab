package org.tlsuplift.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.netty.handler.ssl.SslContextBuilder;
import java.util.List;
import org.tlsuplift.proxy.testing.Floors;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.config.binding.YamlNode;
import picocli.CommandLine.Command;

/** The direction of imports in the server, and what may be used where. */
@AnalyzeClasses(
    packages = "org.tlsuplift.server",
    importOptions = ImportOption.DoNotIncludeTests.class)
@OneJdk
class ArchitectureTest {
  /** From the command line down. Packages of one floor do not import each other. */
  private static final List<List<String>> FLOORS =
      List.of(
          List.of("command"),
          List.of("demo"),
          List.of("daemon"),
          List.of("http.pages", "http.api"),
          List.of("init", "backup"),
          List.of("authority", "doctor", "mapping"),
          List.of("config", "graph"),
          List.of("cluster", "log", "readiness", "spool"),
          List.of("console", "terminal"),
          List.of("http", "inventory", "notify"),
          List.of("audit", "microsoft365", "signin"),
          List.of("database", "feature", "seal"),
          List.of("text", "background", "https", "mail", "manual", "metrics", "process"),
          List.of("config.binding"));

  @ArchTest
  static final ArchRule layers =
      Floors.of("org.tlsuplift.server", FLOORS)
          .because("what starts the daemon is not known to what it is made of (DESIGN, packages)");

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
          .resideOutsideOfPackages("..server.database")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "com.zaxxer..", "org.flywaydb..", "org.postgresql..", "org.sqlite..", "javax.sql..")
          .because("readers of the inventory ask for devices, not for rows");

  @ArchTest
  static final ArchRule onlyPagesKnowTheirTemplates =
      noClasses()
          .that()
          .resideOutsideOfPackages("..server.console", "..server.http.pages", "..server.readiness")
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
          .resideOutsideOfPackages(
              "..server.command..", "..server.terminal", "org.tlsuplift.server")
          .and(DescribedPredicate.not(declaresACommand()))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..")
          .because("everything can be done without a command line, as tests do");

  private static DescribedPredicate<JavaClass> declaresACommand() {
    return DescribedPredicate.describe(
        "is or is in a command",
        type ->
            type.isAnnotatedWith(Command.class)
                || type.getEnclosingClass()
                    .filter(each -> declaresACommand().test(each))
                    .isPresent());
  }

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
