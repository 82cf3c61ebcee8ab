package org.tlsuplift.proxy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.AttributeKey;
import java.util.List;
import org.tlsuplift.proxy.testing.Floors;
import org.tlsuplift.proxy.testing.OneJdk;

/** The direction of imports, and the places where each library may be used. */
@AnalyzeClasses(
    packages = "org.tlsuplift.proxy",
    importOptions = ImportOption.DoNotIncludeTests.class)
@OneJdk
class ArchitectureTest {
  /** From the accepted connection down. Packages of one layer do not import each other. */
  private static final List<List<String>> FLOORS =
      List.of(
          List.of("accept"),
          List.of("session"),
          List.of("setup", "spool"),
          List.of("context"),
          List.of("upstream"),
          List.of("route", "signin", "ca"),
          List.of("negotiate", "tls", "relay", "mail"),
          List.of("model"),
          List.of("outcome", "netty"));

  @ArchTest
  static final ArchRule layers =
      Floors.of("org.tlsuplift.proxy", FLOORS)
          .because("a newcomer follows a connection in one direction, from accept to close");

  @ArchTest
  static final ArchRule workaroundsAreAlone =
      noClasses()
          .that()
          .resideInAPackage("..proxy.netty")
          .should()
          .dependOnClassesThat(
              JavaClass.Predicates.resideInAPackage("org.tlsuplift..")
                  .and(
                      DescribedPredicate.not(
                          JavaClass.Predicates.resideInAPackage("..proxy.netty"))))
          .because("a workaround goes when Netty no longer needs it, and nothing else changes");

  @ArchTest
  static final ArchRule noCycles =
      slices()
          .matching("org.tlsuplift.proxy.(**)")
          .should()
          .beFreeOfCycles()
          .because("what depends on itself in a circle cannot be read, tested or replaced alone");

  @ArchTest
  static final ArchRule modelIsPlainData =
      noClasses()
          .that()
          .resideInAnyPackage("..proxy.outcome", "..proxy.model", "..proxy.signin")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.netty..", "org.slf4j..")
          .because(
              "metrics, access log, inventory and accounts compile against it without the data"
                  + " path");

  @ArchTest
  static final ArchRule oneMakerOfContexts =
      noClasses()
          .that()
          .doNotHaveSimpleName("TlsContexts")
          .and()
          .doNotHaveSimpleName("DeviceContexts")
          .and()
          .doNotHaveSimpleName("UpstreamSelfTest")
          .should()
          .dependOnClassesThat()
          .areAssignableTo(SslContextBuilder.class)
          .because(
              "the TLS 1.2 floor is kept in one place; the self-test plays the origin below it");

  @ArchTest
  static final ArchRule noAttributes =
      noClasses()
          .should()
          .dependOnClassesThat()
          .areAssignableTo(AttributeKey.class)
          .because("what a handler needs it is given, and not looked up on the channel");

  @ArchTest
  static final ArchRule noWaiting =
      noClasses()
          .that()
          .resideOutsideOfPackage("..proxy.ca")
          .and()
          .doNotHaveSimpleName("Proxy")
          .and()
          .doNotHaveSimpleName("ListeningSocket")
          .and()
          .doNotHaveSimpleName("Listeners")
          .should()
          .callMethodWhere(
              com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                  com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching(
                      "await.*|sync|syncUninterruptibly|sleep")))
          .because("an event loop that waits stops every session that lives on it");

  @ArchTest
  static final ArchRule noExit =
      noClasses()
          .should()
          .callMethod(System.class, "exit", int.class)
          .because("only the daemon's Main ends the process");

  @ArchTest
  static final ArchRule noEnvironment =
      noClasses()
          .should()
          .callMethod(System.class, "getenv", String.class)
          .because("the core gets all settings from ProxySpec");

  @ArchTest
  static final ArchRule handlersAreFinal =
      classes()
          .that()
          .areAssignableTo(ChannelHandler.class)
          .should(
              new com.tngtech.archunit.lang.ArchCondition<JavaClass>("be final") {
                @Override
                public void check(
                    JavaClass handler, com.tngtech.archunit.lang.ConditionEvents events) {
                  boolean isFinal =
                      handler
                          .getModifiers()
                          .contains(com.tngtech.archunit.core.domain.JavaModifier.FINAL);
                  events.add(
                      new com.tngtech.archunit.lang.SimpleConditionEvent(
                          handler, isFinal, handler.getName() + " is open"));
                }
              })
          .because("a handler's rules hold for its subclasses only by luck");

  @ArchTest
  static final ArchRule namesSayWhatThingsAre =
      noClasses()
          .that()
          .areNotAssignableTo(javax.net.ssl.KeyManager.class)
          .should()
          .haveSimpleNameEndingWith("Util")
          .orShould()
          .haveSimpleNameEndingWith("Utils")
          .orShould()
          .haveSimpleNameEndingWith("Manager")
          .orShould()
          .haveSimpleNameEndingWith("Helper")
          .orShould()
          .haveSimpleNameEndingWith("Impl")
          .because("such names hide an idea that has no name yet");
}
