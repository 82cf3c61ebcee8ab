package org.tlsuplift.server;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.command.StopSignal;
import org.tlsuplift.server.command.UpliftCommand;

/** Where the program starts. */
public final class Main {
  private static final Logger log = LoggerFactory.getLogger(Main.class);
  private static final int FAULT = 1;

  private Main() {}

  public static void main(String[] args) {
    prepare();
    System.exit(run(new ProcessSignals(), args));
  }

  /** Sets what libraries read when their first class is loaded. */
  static void prepare() {
    giveClassLoader();
    Thread.setDefaultUncaughtExceptionHandler(Main::uncaught);
    letNettyAllocate();
    setNettyMachineId();
    askAtTerminalsOnly();
  }

  /**
   * Lets libraries find this program's classes on the calling thread. They look in its context
   * class loader, which is null on threads that native code or the JVM starts, such as the thread
   * of prunsrv and, on Java 17, those for signals. The threads that such a thread starts inherit
   * that.
   */
  static void giveClassLoader() {
    Thread.currentThread().setContextClassLoader(Main.class.getClassLoader());
  }

  /**
   * Where no direct memory is left, Netty's own allocation fails at once; the JDK's collects
   * garbage and waits for half a second each time, on an event loop. Up to JDK 24, Netty needs this
   * and Add-Opens in the manifest. Must come before any class of Netty. Upstream: Netty has the
   * property for this. Delete when this program requires Java 25.
   */
  private static void letNettyAllocate() {
    System.getProperties().putIfAbsent("io.netty.tryReflectionSetAccessible", "true");
  }

  /**
   * Netty makes the ids of channels from a MAC address, and warns where it finds none, as in many
   * containers. This program shows these ids to nobody, so that any will do: a locally administered
   * one. To report: "DefaultChannelId should use a random number without a warning where there is
   * no MAC address." Delete when it does.
   */
  private static void setNettyMachineId() {
    System.getProperties().putIfAbsent("io.netty.machineId", "02:00:00:00:00:00");
  }

  /**
   * Java 22 to 24 have a console without a terminal too: a command would wait for an answer that
   * nobody can type.
   */
  private static void askAtTerminalsOnly() {
    System.getProperties().putIfAbsent("jdk.console", "java.base");
  }

  /** An error, such as a missing class, would end this thread only, and no other. */
  static int run(StopSignal stop, String[] args) {
    try {
      return UpliftCommand.line(stop, args).execute(args);
    } catch (Error fault) {
      report(fault);
      return FAULT;
    }
  }

  /** Through the log, which escapes what the message may have from outside. */
  static void uncaught(Thread thread, Throwable fault) {
    log.atError()
        .addKeyValue("thread", thread.getName())
        .setCause(fault)
        .log("an unexpected error ended a thread; please report it");
  }

  private static void report(Error fault) {
    try {
      log.error("the process ends because of an unexpected error", fault);
    } catch (LinkageError alsoMissing) {
      // Where classes are missing, those for the log may be missing too.
      fault.addSuppressed(alsoMissing);
    }
  }
}
