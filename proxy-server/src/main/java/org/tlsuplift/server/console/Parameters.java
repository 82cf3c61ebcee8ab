package org.tlsuplift.server.console;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.inventory.FilterWords;

/** The parameters of a request for a list. A wrong parameter is refused with status 400. */
public record Parameters(Request request) {
  /** Refuses unknown parameters. */
  public static Parameters of(Request request, Set<String> known) throws BadRequestException {
    for (String name : new TreeSet<>(request.parameters().keySet())) {
      if (!known.contains(name)) {
        throw refused(
            "parameter", FilterWords.wrong(name, String.join(", ", new TreeSet<>(known))));
      }
    }
    return new Parameters(request);
  }

  /** A text of limited length; empty if the parameter is missing. */
  public String text(String name, int most) throws BadRequestException {
    String text = request.parameter(name).orElse("");
    if (text.length() > most) {
      throw new BadRequestException(400, name + ": at most " + most + " characters");
    }
    return text;
  }

  /** A parsed value. The parser fails as {@link FilterWords} does. */
  public <T> Optional<T> value(String name, Function<String, T> parser) throws BadRequestException {
    try {
      return request.parameter(name).map(parser);
    } catch (IllegalArgumentException wrong) {
      throw refused(name, wrong);
    }
  }

  /** A parsed value, and the words for what the parser accepts. */
  public <T> Optional<T> value(String name, Function<String, T> parser, String expected)
      throws BadRequestException {
    return value(
        name,
        text -> {
          try {
            return parser.apply(text);
          } catch (IllegalArgumentException wrong) {
            throw FilterWords.wrong(text, expected);
          }
        });
  }

  public int number(String name, int fallback, int min, int max) throws BadRequestException {
    return value(
            name,
            text -> {
              if (text.matches("[0-9]{1,10}")) {
                long number = Long.parseLong(text);
                if (number >= min && number <= max) {
                  return (int) number;
                }
              }
              throw FilterWords.wrong(text, "a number from " + min + " to " + max);
            })
        .orElse(fallback);
  }

  private static BadRequestException refused(String name, IllegalArgumentException wrong) {
    return new BadRequestException(400, name + ": " + wrong.getMessage());
  }
}
