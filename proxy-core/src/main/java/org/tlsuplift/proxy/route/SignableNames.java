package org.tlsuplift.proxy.route;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.UnhandledVariantException;

/**
 * The names that the local certificate authority may need to sign, as X.509 name constraints (RFC
 * 5280 section 4.2.1.10).
 *
 * <p>A constraint permits a name and all names below it. So the constraints permit slightly more
 * than the routes, and the routes decide.
 *
 * @param dnsSuffixes host names, sorted, none below another
 * @param cidrs address blocks, sorted
 * @param everything whether constraints are impossible because a route bridges every host; the
 *     lists are then empty
 */
public record SignableNames(List<String> dnsSuffixes, List<String> cidrs, boolean everything) {
  public SignableNames {
    dnsSuffixes = List.copyOf(dnsSuffixes);
    cidrs = List.copyOf(cidrs);
  }

  static SignableNames of(List<Route> routes) {
    List<HostPattern> patterns = new ArrayList<>();
    for (Route route : routes) {
      if (route.action() == Action.BRIDGE) {
        for (Destination destination : route.to().destinations()) {
          patterns.add(destination.hosts());
        }
      }
    }
    return ofPatterns(patterns);
  }

  /**
   * These names and the given ones, which a listener presents in addition to the origin's name.
   *
   * @param names host names or address literals, normalised
   */
  public SignableNames with(Collection<String> names) {
    if (everything) {
      return this;
    }
    List<HostPattern> patterns = new ArrayList<>();
    for (String suffix : dnsSuffixes) {
      patterns.add(new HostPattern.Exact(suffix));
    }
    for (String cidr : cidrs) {
      patterns.add(new HostPattern.Subnet(Cidr.parse(cidr)));
    }
    for (String name : names) {
      patterns.add(HostPattern.parse(name));
    }
    return ofPatterns(patterns);
  }

  /**
   * Whether a certificate for a name satisfies the constraints.
   *
   * @param name a host name or address literal, normalised
   */
  public boolean permits(String name) {
    if (everything) {
      return true;
    }
    if (HostPort.isAddressLiteral(name)) {
      return cidrs.stream()
          .anyMatch(cidr -> new HostPattern.Subnet(Cidr.parse(cidr)).matches(name));
    }
    return dnsSuffixes.stream().anyMatch(suffix -> isAtOrBelow(name, suffix));
  }

  private static SignableNames ofPatterns(List<HostPattern> patterns) {
    TreeSet<String> suffixes = new TreeSet<>();
    TreeSet<String> cidrs = new TreeSet<>();
    for (HostPattern pattern : patterns) {
      if (pattern instanceof HostPattern.Any) {
        return new SignableNames(List.of(), List.of(), true);
      } else if (pattern instanceof HostPattern.Exact exact) {
        suffixes.add(exact.name());
      } else if (pattern instanceof HostPattern.Starred starred) {
        suffixes.add(starred.suffix());
      } else if (pattern instanceof HostPattern.Subnet subnet) {
        cidrs.add(subnet.cidr().toString());
      } else {
        throw new UnhandledVariantException(pattern);
      }
    }
    List<String> widest = new ArrayList<>();
    for (String suffix : suffixes) {
      if (!isBelowAny(suffix, suffixes)) {
        widest.add(suffix);
      }
    }
    return new SignableNames(widest, List.copyOf(cidrs), false);
  }

  private static boolean isBelowAny(String suffix, Set<String> suffixes) {
    for (int dot = suffix.indexOf('.'); dot >= 0; dot = suffix.indexOf('.', dot + 1)) {
      if (suffixes.contains(suffix.substring(dot + 1))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isAtOrBelow(String name, String suffix) {
    return name.equals(suffix) || name.endsWith("." + suffix);
  }
}
