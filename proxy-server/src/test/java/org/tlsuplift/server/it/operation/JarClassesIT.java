package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.it.lab.Daemon;

/** The jar has all classes that it can reach, although parts of Bouncy Castle are left out. */
class JarClassesIT {
  private static final String REDUCED = "org/bouncycastle/";

  /** The compiler keeps the name of this type of constants, and no instruction uses it. */
  private static final String CONSTANTS = REDUCED + "asn1/ASN1Encoding";

  private static final String SUFFIX = ".class";
  private static final Pattern LAYER = Pattern.compile("META-INF/versions/\\d+/");
  private static final Pattern TYPE = Pattern.compile("L([\\w$/]+)[;<]");

  @Test
  void refersToNoClassThatWasLeftOut() throws Exception {
    Set<String> missing = new TreeSet<>();
    try (ZipFile jar = new ZipFile(Daemon.jar().toFile())) {
      Set<String> classes = classes(jar);
      assertThat(classes).contains(REDUCED + "cert/X509v3CertificateBuilder");
      for (ZipEntry entry : jar.stream().filter(each -> each.getName().endsWith(SUFFIX)).toList()) {
        // A class of a newer layer is not loaded without its class for all Javas.
        if (classes.contains(LAYER.matcher(name(entry)).replaceFirst(""))) {
          try (InputStream content = jar.getInputStream(entry)) {
            references(content).stream()
                .filter(name -> name.startsWith(REDUCED) && !name.equals(CONSTANTS))
                .filter(name -> !classes.contains(name))
                .forEach(name -> missing.add(name(entry) + " -> " + name));
          }
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  /** Libraries find classes by name, which no tool sees. */
  @Test
  void leavesNoOtherLibraryIncomplete() throws Exception {
    Set<String> classes;
    try (ZipFile jar = new ZipFile(Daemon.jar().toFile())) {
      classes = classes(jar);
    }
    List<String> incomplete = new ArrayList<>();
    List<String> reduced = new ArrayList<>();
    for (String each : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path library = Path.of(each);
      if (each.endsWith(".jar") && Files.isRegularFile(library)) {
        Set<String> all;
        try (ZipFile jar = new ZipFile(library.toFile())) {
          all = classes(jar);
        }
        long used = all.stream().filter(classes::contains).count();
        if (used > 0 && used < all.size()) {
          boolean isReduced = all.stream().anyMatch(name -> name.startsWith(REDUCED));
          (isReduced ? reduced : incomplete).add(each);
        }
      }
    }
    assertThat(incomplete).isEmpty();
    assertThat(reduced).isNotEmpty();
  }

  @Test
  void hasNoProviderOfBouncyCastle() throws Exception {
    try (ZipFile jar = new ZipFile(Daemon.jar().toFile())) {
      assertThat(jar.getEntry("META-INF/services/java.security.Provider")).isNull();
      assertThat(classes(jar))
          .as("post-quantum algorithms of its second provider")
          .noneMatch(name -> name.startsWith(REDUCED + "pqc/jcajce/provider/BouncyCastlePQC"));
    }
  }

  private static String name(ZipEntry entry) {
    return entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
  }

  /** The classes for all Javas. */
  private static Set<String> classes(ZipFile jar) {
    return jar.stream()
        .filter(entry -> entry.getName().endsWith(SUFFIX))
        .map(JarClassesIT::name)
        .filter(name -> !name.startsWith("META-INF/") && !name.endsWith("-info"))
        .collect(Collectors.toCollection(HashSet::new));
  }

  /** The types in the constant pool of a class file (JVMS section 4.4). */
  private static Set<String> references(InputStream file) throws IOException {
    DataInputStream in = new DataInputStream(file);
    in.skipNBytes(8);
    int size = in.readUnsignedShort();
    String[] texts = new String[size];
    List<Integer> classes = new ArrayList<>();
    for (int i = 1; i < size; i++) {
      int tag = in.readUnsignedByte();
      switch (tag) {
        case 1 -> texts[i] = in.readUTF();
        case 7 -> classes.add(in.readUnsignedShort());
        case 8, 16, 19, 20 -> in.skipNBytes(2);
        case 15 -> in.skipNBytes(3);
        case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
        case 5, 6 -> {
          in.skipNBytes(8);
          i++;
        }
        default -> throw new IOException("unknown tag " + tag);
      }
    }
    Set<String> names = new HashSet<>();
    for (int index : classes) {
      names.add(texts[index]);
    }
    for (String text : texts) {
      if (text != null && (text.startsWith("(") || text.startsWith("L") || text.startsWith("["))) {
        Matcher type = TYPE.matcher(text);
        while (type.find()) {
          names.add(type.group(1));
        }
      }
    }
    return names;
  }
}
