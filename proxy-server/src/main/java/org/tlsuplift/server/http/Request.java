package org.tlsuplift.server.http;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request. All values come from the sender and may be anything.
 *
 * @param path without the query, as it was sent
 * @param variable the decoded variable of the path; empty if the path has none
 * @param parameters the query's, decoded, each with its values in their order
 * @param headers by their names in lower case, each with its values in their order; without
 *     credentials
 * @param visitor who sent it
 */
public record Request(
    String path,
    String variable,
    Map<String, List<String>> parameters,
    Map<String, List<String>> headers,
    Visitor visitor) {
  public Request {
    parameters = Map.copyOf(parameters);
    headers = Map.copyOf(headers);
  }

  /** A request of someone who did not need to sign in. */
  public Request(
      String path,
      String variable,
      Map<String, List<String>> parameters,
      Map<String, List<String>> headers) {
    this(path, variable, parameters, headers, Visitor.ANYONE);
  }

  /** The first value of a parameter; also empty if it has no value. */
  public Optional<String> parameter(String name) {
    return parameters.getOrDefault(name, List.of()).stream()
        .findFirst()
        .filter(value -> !value.isEmpty());
  }

  /** All values of a header as one list with commas (RFC 9110 section 5.3), or nothing. */
  public String header(String name) {
    return String.join(",", headers.getOrDefault(name, List.of()));
  }

  /** Without headers, which may be credentials, and without search terms. */
  @Override
  public String toString() {
    return "Request[" + path + "]";
  }
}
