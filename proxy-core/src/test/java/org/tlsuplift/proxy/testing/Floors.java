package org.tlsuplift.proxy.testing;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.library.Architectures;
import java.util.ArrayList;
import java.util.List;

/** A rule of architecture: packages lie on floors and import only those of the floors below. */
public final class Floors {
  private static final String TOP = "the base package";

  private Floors() {}

  /**
   * Each class below the base package must be on a floor, or in the base package itself, which is
   * above all floors.
   *
   * @param floors names of packages below the base package, from the highest floor down. A name
   *     includes its subpackages, except those that have a floor of their own.
   */
  public static Architectures.LayeredArchitecture of(String base, List<List<String>> floors) {
    List<String> names = floors.stream().flatMap(List::stream).toList();
    Architectures.LayeredArchitecture rule =
        Architectures.layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer(TOP)
            .definedBy(base)
            .whereLayer(TOP)
            .mayNotBeAccessedByAnyLayer();
    List<String> above = new ArrayList<>(List.of(TOP));
    for (List<String> floor : floors) {
      for (String name : floor) {
        List<String> narrower =
            names.stream().filter(other -> other.startsWith(name + ".")).toList();
        rule =
            rule.layer(name)
                .definedBy(
                    DescribedPredicate.describe(
                        name,
                        type ->
                            isIn(type, base, name)
                                && narrower.stream().noneMatch(other -> isIn(type, base, other))))
                .whereLayer(name)
                .mayOnlyBeAccessedByLayers(above.toArray(String[]::new));
      }
      above.addAll(floor);
    }
    return rule.ensureAllClassesAreContainedInArchitecture();
  }

  private static boolean isIn(JavaClass type, String base, String name) {
    return (type.getPackageName() + ".").startsWith(base + "." + name + ".");
  }
}
