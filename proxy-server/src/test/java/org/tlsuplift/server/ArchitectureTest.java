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
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.config.binding.YamlNode;

/** The direction of imports in the server, and what may be used where. */
@AnalyzeClasses(
    packages = "org.tlsuplift.server",
    importOptions = ImportOption.DoNotIncludeTests.class)
@OneJdk
class ArchitectureTest {
  @ArchTest
  static final ArchRule layers =
      Architectures.layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("main")
          .definedBy("org.tlsuplift.server")
          .layer("command")
          .definedBy("..server.command..")
          .layer("demo")
          .definedBy("..server.demo")
          .layer("doctor")
          .definedBy("..server.doctor..")
          .layer("init")
          .definedBy("..server.init")
          .layer("daemon")
          .definedBy("..server.daemon..")
          .layer("admin")
          .definedBy("..server.admin")
          .layer("api")
          .definedBy("..server.api")
          .layer("pages")
          .definedBy("..server.pages..")
          .layer("insight")
          .definedBy("..server.insight..")
          .layer("sessions")
          .definedBy("..server.sessions")
          .layer("web")
          .definedBy("..server.web")
          .layer("config")
          .definedBy("..server.config..")
          .layer("metrics")
          .definedBy("..server.metrics")
          .layer("inventory")
          .definedBy("..server.inventory..")
          .layer("accesslog")
          .definedBy("..server.accesslog")
          .layer("messages")
          .definedBy("..server.messages")
          .layer("json")
          .definedBy("..server.json")
          .layer("log")
          .definedBy("..server.log..")
          .layer("manual")
          .definedBy("..server.manual")
          .layer("signin")
          .definedBy("..server.signin..")
          .layer("microsoft365")
          .definedBy("..server.microsoft365")
          .layer("https")
          .definedBy("..server.https")
          .layer("backup")
          .definedBy("..server.backup")
          .layer("notify")
          .definedBy("..server.notify")
          .layer("smtp")
          .definedBy("..server.smtp")
          .layer("systemd")
          .definedBy("..server.systemd")
          .whereLayer("main")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("command")
          .mayOnlyBeAccessedByLayers("main")
          .whereLayer("demo")
          .mayOnlyBeAccessedByLayers("command")
          .whereLayer("doctor")
          .mayOnlyBeAccessedByLayers("command")
          .whereLayer("init")
          .mayOnlyBeAccessedByLayers("command")
          .whereLayer("daemon")
          .mayOnlyBeAccessedByLayers("command", "demo", "init")
          .whereLayer("admin")
          .mayOnlyBeAccessedByLayers("daemon", "command", "demo")
          .whereLayer("api")
          .mayOnlyBeAccessedByLayers("daemon")
          .whereLayer("pages")
          .mayOnlyBeAccessedByLayers("daemon")
          .whereLayer("insight")
          .mayOnlyBeAccessedByLayers("daemon", "command", "pages", "api")
          .whereLayer("sessions")
          .mayOnlyBeAccessedByLayers("daemon", "pages", "api")
          .whereLayer("web")
          .mayOnlyBeAccessedByLayers("daemon", "admin", "pages", "api")
          .whereLayer("config")
          .mayOnlyBeAccessedByLayers("backup", "daemon", "command", "demo", "doctor", "init")
          .whereLayer("metrics")
          .mayOnlyBeAccessedByLayers("daemon", "admin")
          .whereLayer("inventory")
          .mayOnlyBeAccessedByLayers("backup", "daemon", "command", "pages", "api", "insight")
          .whereLayer("accesslog")
          .mayOnlyBeAccessedByLayers("daemon")
          .whereLayer("messages")
          .mayOnlyBeAccessedByLayers(
              "accesslog", "api", "command", "config", "daemon", "inventory", "pages")
          .whereLayer("json")
          .mayOnlyBeAccessedByLayers(
              "accesslog", "api", "command", "doctor", "inventory", "log", "microsoft365", "notify")
          .whereLayer("log")
          .mayOnlyBeAccessedByLayers("main", "daemon", "command", "accesslog", "config")
          .whereLayer("manual")
          .mayOnlyBeAccessedByLayers("command", "pages")
          .whereLayer("signin")
          .mayOnlyBeAccessedByLayers("config", "daemon", "admin", "command")
          .whereLayer("microsoft365")
          .mayOnlyBeAccessedByLayers("config", "daemon", "command", "doctor")
          .whereLayer("https")
          .mayOnlyBeAccessedByLayers("microsoft365", "signin", "notify", "daemon", "doctor")
          .whereLayer("backup")
          .mayOnlyBeAccessedByLayers("command", "daemon")
          .whereLayer("notify")
          .mayOnlyBeAccessedByLayers("command", "daemon")
          .whereLayer("smtp")
          .mayOnlyBeAccessedByLayers("doctor", "notify")
          .whereLayer("systemd")
          .mayOnlyBeAccessedByLayers("daemon", "command")
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
          .resideOutsideOfPackages("..server.admin", "..server.https", "..server.demo")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.netty.handler.codec.http..")
          .because("it can be exchanged without anybody noticing");

  @ArchTest
  static final ArchRule onlyInventoryKnowsItsDatabases =
      noClasses()
          .that()
          .resideOutsideOfPackages("..server.inventory..", "..server.instances..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "com.zaxxer..", "org.flywaydb..", "org.postgresql..", "org.sqlite..", "javax.sql..")
          .because("readers of the inventory ask for devices, not for rows");

  @ArchTest
  static final ArchRule onlyPagesKnowTheirTemplates =
      noClasses()
          .that()
          .resideOutsideOfPackages("..server.pages", "..server.insight.report")
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
