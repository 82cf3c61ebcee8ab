package org.tlsuplift.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Converts a request of the HTTP codec. */
final class RequestReader {
  /** More than twice as many as any page uses. */
  private static final int MAX_PARAMETERS = 32;

  private static final int MAX_FIELDS = 200;
  private static final int MAX_PART_HEAD = 1024;
  private static final String HEAD_END = "\r\n\r\n";

  /** RFC 2046 section 5.1.1, without spaces in it. */
  private static final Pattern BOUNDARY =
      Pattern.compile("(?i); *boundary=\"?([0-9a-z'()+_,./:=?-]{1,70})\"? *(?:;|$)");

  /** Of a field that its own form names; some programs leave out the quotation marks. */
  private static final Pattern NAME =
      Pattern.compile(
          "(?i)\r\ncontent-disposition: *form-data; *name=\"?([a-z0-9_-]{1,64})\"?[;\r]");

  private RequestReader() {}

  /**
   * The request for a resource.
   *
   * @param target the path and the query as they were sent
   * @param variable the decoded variable of the path
   * @throws IllegalArgumentException if the percent-encoding of the query is invalid
   */
  static Request read(String target, HttpHeaders received, String variable, Visitor visitor) {
    Map<String, List<String>> parameters =
        new QueryStringDecoder(target, StandardCharsets.UTF_8, true, MAX_PARAMETERS).parameters();
    Map<String, List<String>> headers = new TreeMap<>();
    for (Map.Entry<String, String> header : received) {
      headers
          .computeIfAbsent(header.getKey().toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(header.getValue());
    }
    headers.remove("authorization");
    headers.remove("cookie");
    return new Request(path(target), variable, parameters, headers, visitor);
  }

  /**
   * A form.
   *
   * @param head the request without its fields
   * @param body the fields as application/x-www-form-urlencoded or multipart/form-data
   * @param files whether multipart/form-data is allowed
   * @throws BadRequestException if they cannot be read
   */
  static Request form(Request head, HttpHeaders received, byte[] body, boolean files)
      throws BadRequestException {
    String type = received.get(HttpHeaderNames.CONTENT_TYPE, "");
    boolean multipart = type.toLowerCase(Locale.ROOT).startsWith("multipart/");
    if (multipart && !files) {
      throw new BadRequestException(
          415,
          "only imports accept multipart/form-data; send this form as"
              + " application/x-www-form-urlencoded");
    }
    try {
      Map<String, List<String>> fields =
          multipart
              ? parts(type, body)
              : new QueryStringDecoder(
                      new String(body, StandardCharsets.UTF_8),
                      StandardCharsets.UTF_8,
                      false,
                      MAX_FIELDS)
                  .parameters();
      return new Request(head.path(), "", fields, head.headers(), head.visitor());
    } catch (IllegalArgumentException malformed) {
      throw new BadRequestException(400, "the encoding of the form is invalid");
    }
  }

  /** The fields and files of a form (RFC 7578). The time is linear in the size of the body. */
  private static Map<String, List<String>> parts(String type, byte[] body) {
    Matcher boundary = BOUNDARY.matcher(type);
    if (!boundary.find()) {
      throw new IllegalArgumentException("the boundary is missing or too long");
    }
    String delimiter = "\r\n--" + boundary.group(1);
    // One character for each byte; the first delimiter need not follow a line.
    String text = "\r\n" + new String(body, StandardCharsets.ISO_8859_1);
    Map<String, List<String>> fields = new TreeMap<>();
    int end = text.indexOf(delimiter);
    for (int count = 0; end < 0 || !text.startsWith("--", end + delimiter.length()); count++) {
      int begin = end + delimiter.length();
      int content = text.indexOf(HEAD_END, begin) + HEAD_END.length();
      if (end < 0 || content < begin || content > begin + MAX_PART_HEAD || count == MAX_FIELDS) {
        throw new IllegalArgumentException("a part is missing, malformed or one too many");
      }
      Matcher name = NAME.matcher(text).region(begin, content);
      end = text.indexOf(delimiter, begin);
      if (end < content || !name.find()) {
        throw new IllegalArgumentException("a part is cut off or has no name");
      }
      fields
          .computeIfAbsent(name.group(1), any -> new ArrayList<>())
          .add(new String(body, content - 2, end - content, StandardCharsets.UTF_8));
    }
    return fields;
  }

  /**
   * The path as it was sent, without the query; empty if there is none.
   *
   * @param target in the usual form, or in that of requests to proxies (RFC 9112 section 3.2)
   */
  static String path(String target) {
    int end = 0;
    while (end < target.length() && target.charAt(end) != '?' && target.charAt(end) != '#') {
      end++;
    }
    int start = 0;
    if (!target.startsWith("/")) {
      int authority = target.indexOf("://");
      start = authority < 0 ? -1 : target.indexOf('/', authority + "://".length());
    }
    return start < 0 || start >= end ? "" : target.substring(start, end);
  }
}
