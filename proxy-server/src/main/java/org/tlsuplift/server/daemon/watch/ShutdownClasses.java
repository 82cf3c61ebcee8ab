package org.tlsuplift.server.daemon.watch;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.jar.JarFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the classes that shutdown needs, so that an orderly shutdown works even if the jar was
 * overwritten. These are the classes of this program, without those of commands, and the library
 * classes that {@code -Xlog:class+load} lists after SIGTERM.
 *
 * <p>If the list lacks a class, only the orderly shutdown fails. The process still ends.
 */
final class ShutdownClasses {
  private static final Logger log = LoggerFactory.getLogger(ShutdownClasses.class);
  private static final String LIST = "stop-classes.txt";
  private static final String OURS = "org/tlsuplift/";
  private static final String SUFFIX = ".class";
  private static final ClassLoader LOADER = ShutdownClasses.class.getClassLoader();

  private static final String SERVER = OURS + "server/";

  /** Neither a session that ends nor the shutdown needs these; they would take 3 MiB of memory. */
  static final Set<String> UNUSED =
      Set.of("backup", "command", "config", "demo", "doctor", "init", "manual", "microsoft365");

  private ShutdownClasses() {}

  /** Loads the classes. Skips classes that this version of a library does not have. */
  static void load(Path jar) {
    try (JarFile all = new JarFile(jar.toFile());
        InputStream list = ShutdownClasses.class.getResourceAsStream(LIST);
        BufferedReader names =
            new BufferedReader(
                new InputStreamReader(
                    Objects.requireNonNull(list, LIST), StandardCharsets.UTF_8))) {
      names.lines().forEach(ShutdownClasses::load);
      all.stream()
          .map(entry -> entry.getName())
          .filter(name -> name.startsWith(OURS) && name.endsWith(SUFFIX))
          .filter(ShutdownClasses::isUsed)
          .map(name -> name.substring(0, name.length() - SUFFIX.length()).replace('/', '.'))
          .filter(name -> !name.endsWith("package-info"))
          .forEach(ShutdownClasses::load);
    } catch (IOException failed) {
      log.debug("the classes for shutdown cannot be listed", failed);
    }
  }

  /** The daemon does not use a package, such as that of syslog, of which it has no class yet. */
  private static boolean isUsed(String name) {
    if (!name.startsWith(SERVER)) {
      return true;
    }
    String inServer = name.substring(SERVER.length());
    int end = name.lastIndexOf('/');
    return !UNUSED.contains(inServer.substring(0, Math.max(0, inServer.indexOf('/'))))
        && LOADER.getDefinedPackage(name.substring(0, end).replace('/', '.')) != null;
  }

  private static void load(String name) {
    try {
      Class.forName(name, false, LOADER);
    } catch (ClassNotFoundException | LinkageError missing) {
      log.debug("not loaded: {}", name, missing);
    }
  }
}
