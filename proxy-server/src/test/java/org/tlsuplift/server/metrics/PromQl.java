package org.tlsuplift.server.metrics;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What an expression of Prometheus reads, as far as the ones here need it. */
public final class PromQl {
  private static final Pattern LISTS =
      Pattern.compile("\\b(by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)");
  private static final Pattern SELECTION = Pattern.compile("\\{[^}]*}|\\[[^]]*]|\"[^\"]*\"");
  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*+(?!\\s*\\()");
  private static final Pattern BY_NAME = Pattern.compile("__name__=~?\"([^\"]*)\"");
  private static final Set<String> WORDS =
      Set.of("and", "or", "unless", "bool", "offset", "d", "h", "m", "s");

  private PromQl() {}

  public static Set<String> metrics(String expression) {
    Set<String> names = new LinkedHashSet<>();
    Matcher selected = BY_NAME.matcher(expression);
    while (selected.find()) {
      names.addAll(Arrays.asList(selected.group(1).split("\\|")));
    }
    String bare = LISTS.matcher(expression).replaceAll(" ");
    bare = SELECTION.matcher(bare).replaceAll(" ").replaceAll("\\b[0-9][0-9a-z.]*", " ");
    Matcher name = NAME.matcher(bare);
    while (name.find()) {
      if (!WORDS.contains(name.group())) {
        names.add(name.group());
      }
    }
    return names;
  }

  /** The values that are asked of a label, which may not be a pattern of any other kind. */
  public static Set<String> values(String expression, String label) {
    Matcher matcher =
        Pattern.compile("\\b" + label + "(?:=|!=|=~|!~)\"([^\"$]*)\"").matcher(expression);
    return matcher
        .results()
        .flatMap(found -> Arrays.stream(found.group(1).replace("[.]", ".").split("\\|")))
        .filter(value -> !value.isEmpty())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }
}
